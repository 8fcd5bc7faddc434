#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "diffusion/sampler.h"

namespace easel {

// What the samplers' files share: the table, and small tools. Users of samplers need only sampler.h.

using SamplerMaker = std::unique_ptr<Sampler>(const SchedulerConfig& config, int steps, double eta);
SamplerMaker make_ddim, make_pndm, make_lms, make_euler, make_euler_a, make_heun, make_dpmpp_2m, make_ddpm, make_unipc,
    make_lcm;

/// What is known of a sampler.
struct SamplerEntry {
    std::string_view name;
    /// diffusers' name.
    std::string_view class_name;
    /// The name in the settings stored in pictures.
    std::string_view parameters_name;
    /// Whether its sigmas may be placed otherwise than discretely.
    bool has_sigma_schedules;
    /// Whether it takes predictions of the clean sample.
    bool takes_sample_predictions;
    /// The settings of scheduler_config.json that diffusers' class has besides those that all have, between spaces.
    std::string_view fields;
    SamplerMaker* make;
};

/// All samplers.
std::span<const SamplerEntry> sampler_table();

/// The entry of a sampler. Throws Error of kind usage when there is none of that name.
const SamplerEntry& sampler_entry(std::string_view name);

/// Applies thresholding or clip_sample, where the configuration has them, to a predicted x_0.
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
