#include "cli/job_labels.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

namespace easel::cli {
namespace {

constexpr std::size_t longest_text = 80;

/// The settings that are not the same for all pictures, without those that only name files.
std::vector<std::string> varying(const JobPlan& plan) {
    static const std::set<std::string> left_out = {"output", "save-latents", "save-mask", "overwrite",
                                                   "quiet",  "batch-count",  "json",      "show",
                                                   "seed",   "no-metadata"};
    std::vector<std::string> names;
    std::map<std::string, std::map<std::string, std::size_t>> counts;
    for (const JobPicture& asked : plan.asked)
        for (const auto& [name, value] : asked.settings) {
            if (!counts.contains(name)) names.push_back(name);
            ++counts[name][value];
        }
    std::erase_if(names, [&](const std::string& name) {
        const auto& values = counts[name];
        return left_out.contains(name) || (values.size() == 1 && values.begin()->second == plan.asked.size());
    });
    return names;
}

std::string shortened(std::string text) {
    if (text.size() <= longest_text) return text;
    std::size_t end = longest_text;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    return text.substr(0, end) + "\u2026";
}

}  // namespace

JobLabels::JobLabels(const JobPlan& plan)
    : names_(varying(plan)), seeds_vary_(std::ranges::any_of(plan.pictures, [&](const PlannedPicture& picture) {
          return !picture.request.seed || picture.request.seed != plan.pictures.front().request.seed;
      })) {}

std::vector<std::string> JobLabels::of(const PlannedPicture& picture) const {
    std::vector<std::string> entries;
    for (const std::string& name : names_)
        for (const auto& [key, value] : picture.asked->settings)
            if (key == name) entries.push_back(shortened(name == "prompt" ? value : fmt::format("{} {}", name, value)));
    if (seeds_vary_)
        entries.push_back(picture.request.seed ? fmt::format("seed {}", *picture.request.seed) : "a random seed");
    return entries;
}

}  // namespace easel::cli
