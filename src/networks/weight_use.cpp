#include "networks/weight_use.h"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/ranges.h>

#include "base/quoted.h"

namespace easel {
namespace {

/// Parts of names whose weights never change what a network computes here.
constexpr std::array<std::string_view, 9> harmless = {
    "position_ids", "logit_scale", "text_projection", "vision_model.", "visual_projection",
    "loss.",        "ema.",        "batches_tracked", "lora",
};

constexpr std::array<std::string_view, 2> of_vae_encoder = {"encoder.", "quant_conv."};

constexpr std::size_t most_named = 3;

}  // namespace

WeightUse::WeightUse(const Weights& weights)
    : taken_(std::make_shared<std::set<std::string, std::less<>>>()),
      recorded_(weights.with([taken = taken_](Weight weight) {
          taken->insert(weight.name);
          return weight;
      })) {}

std::optional<std::string> WeightUse::note(std::span<const std::string_view> besides) const {
    std::vector<std::string> names = recorded_.names();
    std::erase_if(names, [&](const std::string& name) {
        return taken_->contains(name) ||
               std::ranges::any_of(harmless, [&](auto part) { return name.find(part) != std::string::npos; }) ||
               std::ranges::any_of(besides, [&](auto beginning) { return name.starts_with(beginning); });
    });
    if (names.empty()) return std::nullopt;
    const bool one = names.size() == 1;
    std::vector<std::string> named;
    for (std::size_t i = 0; i < std::min(names.size(), most_named); ++i)
        named.push_back(in_quotes(recorded_.name_in_file(names[i])));
    return fmt::format("{}: {} tensor{} of the {} {} not used, so pictures may not be what they should: {}{}",
                       recorded_.where(), names.size(), one ? "" : "s", recorded_.network(), one ? "is" : "are",
                       fmt::join(named, ", "), names.size() > named.size() ? ", ..." : "");
}

std::span<const std::string_view> weights_of_vae_encoder() { return of_vae_encoder; }

}  // namespace easel
