#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace easel {

/// Throws Error of kind `damaged` if a file's bytes are not the file itself but what a failed download left under its
/// name: a git LFS pointer, or a web page (an error, or a login form). `where` names the file. Only the beginning is
/// checked.
void refuse_stand_in(std::span<const std::byte> bytes, std::string_view where);
void refuse_stand_in(std::string_view text, std::string_view where);

}  // namespace easel
