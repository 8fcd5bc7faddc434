#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <easel/easel.h>

namespace easel {

/// Finds the models and the pictures of a request's ControlNets: a path that exists, else what is called so, with or
/// without an extension, in `folder` or below it; of settings that are stored in a picture, `stored_in`, also beside
/// it. Throws Error where there is none.
void find_controls(Request& request, const std::filesystem::path& folder, const std::filesystem::path& stored_in);

/// The ControlNets in a folder and below it, by path, the first of each name: diffusers folders, and .safetensors files
/// whose tensors' names say that they are one. None where the path is empty. Throws Error when the folder cannot be
/// read.
std::vector<std::filesystem::path> controlnets_in(const std::filesystem::path& folder);

/// The name of a folder, or of a file without its extension.
std::string controlnet_name(const std::filesystem::path& controlnet);

/// The first of them that is called so.
std::optional<std::filesystem::path> find_controlnet(const std::filesystem::path& folder, const std::string& name);

/// The files of the pictures that ControlNets follow.
std::vector<std::filesystem::path> control_pictures(const Request& request);

}  // namespace easel
