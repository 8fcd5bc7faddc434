#include "diffusion/sampler_tools.h"

#include "diffusion/forward_process.h"

namespace easel {

void limit_x0(const SchedulerConfig& config, std::span<float> x0) {
    if (config.thresholding)
        threshold(x0, config.dynamic_thresholding_ratio, config.sample_max_value);
    else if (config.clip_sample)
        clip(x0, config.clip_sample_range);
}

void add_fresh_noise(double scale, const NoiseSource& noise, std::span<float> latents) {
    std::vector<float> drawn(latents.size());
    noise(drawn);
    const Term terms[] = {{1.0, latents}, {scale, drawn}};
    weighted_sum(terms, latents);
}

void weighted_sum(std::span<const Term> terms, std::span<float> out) {
    for (std::size_t k = 0; k < out.size(); ++k) {
        double sum = 0.0;
        for (const Term& term : terms) sum += term.weight * term.values[k];
        out[k] = static_cast<float>(sum);
    }
}

void History::push(std::span<const float> values) {
    if (entries_.size() == kept_) entries_.pop_back();
    entries_.emplace_front(values.begin(), values.end());
}

}  // namespace easel
