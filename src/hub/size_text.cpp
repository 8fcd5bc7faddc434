#include "hub/size_text.h"

#include <array>

#include <fmt/format.h>

namespace easel::hub {

std::string size_text(std::uint64_t bytes) {
    static constexpr std::array units = {"kB", "MB", "GB", "TB", "PB", "EB"};
    if (bytes < 1000) return fmt::format("{} bytes", bytes);
    double value = static_cast<double>(bytes) / 1000.0;
    std::size_t unit = 0;
    for (; value >= 999.5 && unit + 1 < units.size(); ++unit) value /= 1000.0;
    // three digits, as far as they are before the point or the unit has two behind it
    return fmt::format("{:.{}f} {}", value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0, units[unit]);
}

}  // namespace easel::hub
