#pragma once

#include <filesystem>

namespace easel {

/// The network that finds a person, general or for wide pictures, as it comes with easel. Throws Error when it is not
/// there.
std::filesystem::path person_network(bool landscape);

}  // namespace easel
