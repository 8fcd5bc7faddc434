#pragma once

#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "weights/weights.h"

namespace easel {

/// Which of a network's weights its builders take, to find out whether some are left that would have changed what it
/// computes. Builders are given weights() in place of the weights themselves.
class WeightUse {
  public:
    explicit WeightUse(const Weights& weights);

    const Weights& weights() const { return recorded_; }

    /// A sentence when there are weights that no builder took. Not counted are those that never matter (position ids,
    /// averages, what training left over) and those whose names begin with one of `besides`.
    std::optional<std::string> note(std::span<const std::string_view> besides = {}) const;

  private:
    /// Shared with the transform of the recorded weights, wherever they are copied to.
    std::shared_ptr<std::set<std::string, std::less<>>> taken_;
    Weights recorded_;
};

/// What only a VAE's encoder takes, for WeightUse::note() after its decoder was built.
std::span<const std::string_view> weights_of_vae_encoder();

}  // namespace easel
