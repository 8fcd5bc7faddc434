#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace easel::cli {

/// The folder of a model that ships with easel: models/`name` below $EASEL_HOME, which the wrapper sets, else in the
/// nearest folder above the executable that has it; none when there is none.
std::optional<std::filesystem::path> find_shipped_model(std::string_view name);

/// The network that finds a person, general or for wide pictures. Throws Error when it does not lie there.
std::filesystem::path person_network(bool landscape);

}  // namespace easel::cli
