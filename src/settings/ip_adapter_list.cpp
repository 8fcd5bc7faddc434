#include "settings/ip_adapter_list.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/lines.h"
#include "settings/path_parts.h"

namespace easel {
namespace {

constexpr double greatest_image_scale = 10.0;

IpAdapter ip_adapter_from_text(std::string_view text) {
    const std::vector<std::string> parts = path_parts(text);
    if (parts.size() < 2 || parts.size() > 3) return {};
    return {.file = parts[0], .image_embeds = parts[1], .scale = parts.size() > 2 ? number_part(parts[2]) : 1.0};
}

bool is_sound_adapter(const IpAdapter& adapter) {
    // The comparisons are false for NaN.
    return !adapter.file.empty() && !adapter.image_embeds.empty() && adapter.scale >= -greatest_image_scale &&
           adapter.scale <= greatest_image_scale;
}

}  // namespace

std::string text_of(const std::vector<IpAdapter>& adapters) {
    std::vector<std::string> lines;
    for (const IpAdapter& adapter : adapters) {
        lines.push_back(fmt::format("{}:{}", path_part(adapter.file), path_part(adapter.image_embeds)));
        if (adapter.scale != 1.0) lines.back() += fmt::format(":{}", adapter.scale);
    }
    return fmt::format("{}", fmt::join(lines, "\n"));
}

std::vector<IpAdapter> ip_adapters_from_text(std::string_view text) {
    std::vector<IpAdapter> adapters;
    for (const std::string_view line : lines_of(text)) adapters.push_back(ip_adapter_from_text(line));
    return adapters;
}

std::vector<IpAdapter> as_stored(std::vector<IpAdapter> adapters) {
    for (IpAdapter& adapter : adapters) {
        adapter.file = stored_path(adapter.file);
        adapter.image_embeds = stored_path(adapter.image_embeds);
    }
    return adapters;
}

bool is_ip_adapter_list(std::string_view text) {
    return std::ranges::all_of(ip_adapters_from_text(text), is_sound_adapter);
}

}  // namespace easel
