#pragma once

#include <filesystem>

#include "server/job.h"

namespace easel::server {

/// Saves a job's picture `index` as a PNG with its settings, under a name of its own that begins with the time. Throws
/// Error, which does not name the folder.
void save_picture(const std::filesystem::path& folder, const Job& job, int index, const DrawnPicture& picture);

}  // namespace easel::server
