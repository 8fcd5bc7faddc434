#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <easel/easel.h>

namespace easel {

/// IP-Adapters as text: a line for each, FILE:EMBEDS[:SCALE], as path_parts().
std::string text_of(const std::vector<IpAdapter>& adapters);
/// What cannot be read becomes an adapter that is_ip_adapter_list() refuses.
std::vector<IpAdapter> ip_adapters_from_text(std::string_view text);

/// As pictures store them: of absolute paths the name alone.
std::vector<IpAdapter> as_stored(std::vector<IpAdapter> adapters);

/// Whether each of a list names both files, and its scale is a number from -10 to 10.
bool is_ip_adapter_list(std::string_view text);

}  // namespace easel
