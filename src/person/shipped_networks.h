#pragma once

#include <filesystem>

namespace easel {

/// The network that finds a person, general or for wide pictures, which ships with easel. Throws Error if it is not
/// installed.
std::filesystem::path person_network(bool landscape);

}  // namespace easel
