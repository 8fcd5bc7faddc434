#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace easel {

/// The files in a zip archive that lies in memory, by name; the views point into `bytes`. Takes archives as torch
/// writes them: stored without compression, zip64 too. `where` names the archive in errors. Throws Error when it is
/// damaged, is compressed, or has a name twice. Source: PKWARE's APPNOTE 6.3.10.
std::map<std::string, std::span<const std::byte>> files_of_zip(std::span<const std::byte> bytes,
                                                               std::string_view where);

}  // namespace easel
