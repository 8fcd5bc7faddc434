#pragma once

#include <filesystem>

namespace easel {

/// Throws Error unless `folder`, which exists, is empty or a model as convert() writes it, in any format, and holds
/// nothing else: its files would be removed.
void check_replaceable_folder(const std::filesystem::path& folder);

/// Throws Error unless `file`, if it exists, is an original single file with the three networks of a model.
void check_replaceable_file(const std::filesystem::path& file);

}  // namespace easel
