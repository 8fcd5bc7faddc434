#include "jobs/labels.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace easel::jobs {
namespace {

constexpr std::size_t longest_label = 80;

/// The settings that are not the same for all pictures, except the seed and those that only name files.
std::vector<std::string> varying(const std::vector<JobPicture>& all) {
    static const std::set<std::string> left_out = {"output",      "save-latents", "save-mask",  "overwrite",
                                                   "batch-count", "seed",         "no-metadata"};
    std::vector<std::string> names;
    std::map<std::string, std::map<std::string, std::size_t>> counts;
    for (const JobPicture& asked : all)
        for (const auto& [name, value] : asked.settings) {
            if (!counts.contains(name)) names.push_back(name);
            ++counts[name][value];
        }
    std::erase_if(names, [&](const std::string& name) {
        const auto& values = counts[name];
        return left_out.contains(name) || (values.size() == 1 && values.begin()->second == all.size());
    });
    return names;
}

/// On one line: of a list a comma stands between its lines.
std::string on_a_line(std::string text) {
    for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at)) text.replace(at, 1, ", ");
    return text;
}

std::string shortened(std::string text) {
    if (text.size() <= longest_label) return text;
    std::size_t end = longest_label;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    return text.substr(0, end) + "\u2026";
}

}  // namespace

void add_labels(Plan& plan) {
    const std::vector<std::string> names = varying(plan.asked);
    for (PlannedPicture& picture : plan.pictures) {
        for (const std::string& name : names)
            for (const auto& [key, value] : plan.asked[picture.asked].settings)
                if (key == name)
                    picture.label.push_back(
                        shortened(name == "prompt" ? value : fmt::format("{} {}", name, on_a_line(value))));
        const auto& seed = picture.drawing.request.seed;
        plan.seeds_vary |= !seed || seed != plan.pictures.front().drawing.request.seed;
    }
}

std::vector<std::string> label_of(const Plan& plan, const PlannedPicture& picture) {
    std::vector<std::string> entries = picture.label;
    const auto& seed = picture.drawing.request.seed;
    if (plan.seeds_vary) entries.push_back(seed ? fmt::format("seed {}", *seed) : "a random seed");
    return entries;
}

}  // namespace easel::jobs
