#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "diffusion/sampler.h"

namespace easel {

// Small tools that the samplers' files share. Users of samplers need only sampler.h.

/// A SamplerKind::make for a sampler whose constructor takes the plan.
template <typename S>
std::unique_ptr<Sampler> make_sampler_of(SamplingPlan plan) {
    return std::make_unique<S>(std::move(plan));
}

/// lower_order_final is for schedules of fewer steps than this, whose last ones are large.
inline constexpr std::size_t short_schedule = 15;

/// Applies thresholding or clip_sample, if configured, to a predicted x_0.
void limit_x0(const SchedulerConfig& config, std::span<float> x0);

/// latents += scale * standard normals.
void add_fresh_noise(double scale, const NoiseSource& noise, std::span<float> latents);

/// A vector and its weight in a sum.
struct Term {
    double weight;
    std::span<const float> values;
};

/// The sum of some weighted vectors; `out` may be one of them.
void weighted_sum(std::span<const Term> terms, std::span<float> out);

/// The last few predictions, the newest first.
class History {
  public:
    explicit History(std::size_t kept) : kept_(kept) {}
    void push(std::span<const float> values);
    std::size_t size() const { return entries_.size(); }
    std::span<const float> operator[](std::size_t age) const { return entries_[age]; }

  private:
    std::size_t kept_;
    std::deque<std::vector<float>> entries_;
};

}  // namespace easel
