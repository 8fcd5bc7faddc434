#include "runtime/devices.h"

#include <algorithm>
#include <vector>

#include <fmt/ranges.h>
#include <openvino/core/except.hpp>
#include <openvino/runtime/properties.hpp>

#include "base/error.h"

namespace easel {
namespace {

/// The precisions that the device itself says it computes in. The plugin silently accepts a hint for any
/// other and then computes in something else.
std::vector<std::string> precisions(ov::Core& core, const std::string& device) {
    const auto able = core.get_property(device, ov::device::capabilities);
    const auto has = [&](const char* capability) {
        return std::find(able.begin(), able.end(), capability) != able.end();
    };
    std::vector<std::string> names;
    if (has(ov::device::capability::BF16)) names.emplace_back("bf16");
    if (has(ov::device::capability::FP16)) names.emplace_back("f16");
    names.emplace_back("f32");
    return names;
}

Device describe(ov::Core& core, const std::string& name) {
    return {.name = name,
            .full_name = core.get_property(name, ov::device::full_name),
            .precisions = precisions(core, name)};
}

}  // namespace

Device find_device(ov::Core& core, const std::string& name) {
    const std::vector<std::string> there = core.get_available_devices();
    const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; };
    const auto found = std::ranges::find_if(
        there, [&](const std::string& device) { return std::ranges::equal(device, name, {}, upper, upper); });
    if (found == there.end())
        refuse_value("device", name, "there is no such device here; use one of {}", fmt::join(there, ", "));
    return describe(core, *found);
}

std::vector<Device> devices() {
    ov::Core core;
    std::vector<Device> found;
    for (const std::string& name : core.get_available_devices()) found.push_back(describe(core, name));
    return found;
}

}  // namespace easel
