#pragma once

#include <optional>
#include <string_view>
#include <utility>

namespace easel {

/// "1024x768" or "0,16": two whole numbers from 0 to 65535 with `between` between them; none if it is something else.
std::optional<std::pair<int, int>> number_pair(std::string_view text, char between);

}  // namespace easel
