#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <easel/easel.h>

namespace easel {

/// "b1,b2,s1,s2", four numbers from 0 to 10; none if it is something else.
std::optional<FreeU> freeu_from_text(std::string_view text);

/// Whether there is one.
bool is_freeu(std::string_view text);

/// The reverse of freeu_from_text().
std::string text_of(const FreeU& freeu);

}  // namespace easel
