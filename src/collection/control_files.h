#pragma once

#include <filesystem>
#include <vector>

#include <easel/easel.h>

namespace easel {

/// Finds the models and the pictures of a request's ControlNets: a path that exists, else what is called so, with or
/// without an extension, in `folder` or below it; of settings that are stored in a picture, `stored_in`, also beside
/// it. Throws Error where there is none.
void find_controls(Request& request, const std::filesystem::path& folder, const std::filesystem::path& stored_in);

/// The files of the pictures that ControlNets follow.
std::vector<std::filesystem::path> control_pictures(const Request& request);

}  // namespace easel
