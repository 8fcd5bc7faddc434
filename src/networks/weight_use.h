#pragma once

#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "weights/weights.h"

namespace easel {

/// Records which of a network's weights its builders use, to find weights that are left and would have changed its
/// output. Builders receive weights() instead of the weights themselves.
class WeightUse {
  public:
    explicit WeightUse(const Weights& weights);

    const Weights& weights() const { return recorded_; }

    /// A sentence if there are weights that no builder used. Those that never matter (position ids, averages, leftovers
    /// of training) and those whose names begin with one of `besides` are not counted.
    std::optional<std::string> note(std::span<const std::string_view> besides = {}) const;

  private:
    /// Shared with the transform of the recorded weights and their copies.
    std::shared_ptr<std::set<std::string, std::less<>>> taken_;
    Weights recorded_;
};

/// What only a VAE's encoder uses, for WeightUse::note() after the decoder was built.
std::span<const std::string_view> weights_of_vae_encoder();

}  // namespace easel
