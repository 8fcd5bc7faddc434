#include "diffusion/sampler.h"

#include <algorithm>
#include <cmath>

#include <fmt/ranges.h>

#include "base/error.h"
#include "diffusion/samplers.h"

namespace easel {
namespace {

constexpr int most_steps = 1000;
constexpr std::string_view karras_ending = " Karras";
constexpr std::string_view stochastic_ending = " SDE";

constexpr SamplerEntry table[] = {
    {"ddim", "DDIMScheduler", "DDIM", false, true,
     " clip_sample clip_sample_range set_alpha_to_one thresholding dynamic_thresholding_ratio sample_max_value "
     "rescale_betas_zero_snr ",
     make_ddim},
    {"pndm", "PNDMScheduler", "PLMS", false, false, " skip_prk_steps set_alpha_to_one ", make_pndm},
    {"lms", "LMSDiscreteScheduler", "LMS", true, true, " use_karras_sigmas use_exponential_sigmas use_beta_sigmas ",
     make_lms},
    {"euler", "EulerDiscreteScheduler", "Euler", true, true,
     " use_karras_sigmas use_exponential_sigmas use_beta_sigmas sigma_min sigma_max interpolation_type timestep_type "
     "final_sigmas_type rescale_betas_zero_snr ",
     make_euler},
    {"euler_a", "EulerAncestralDiscreteScheduler", "Euler a", false, false, " rescale_betas_zero_snr ", make_euler_a},
    {"heun", "HeunDiscreteScheduler", "Heun", true, true,
     " use_karras_sigmas use_exponential_sigmas use_beta_sigmas clip_sample clip_sample_range ", make_heun},
    {"dpmpp_2m", "DPMSolverMultistepScheduler", "DPM++ 2M", true, true,
     " use_karras_sigmas use_exponential_sigmas use_beta_sigmas use_lu_lambdas use_flow_sigmas flow_shift "
     "use_dynamic_shifting time_shift_type solver_order solver_type algorithm_type lower_order_final euler_at_final "
     "final_sigmas_type lambda_min_clipped variance_type thresholding dynamic_thresholding_ratio sample_max_value "
     "rescale_betas_zero_snr ",
     make_dpmpp_2m},
    {"ddpm", "DDPMScheduler", "DDPM", false, true,
     " variance_type clip_sample clip_sample_range thresholding dynamic_thresholding_ratio sample_max_value "
     "rescale_betas_zero_snr ",
     make_ddpm},
    {"unipc", "UniPCMultistepScheduler", "UniPC", true, true,
     " use_karras_sigmas use_exponential_sigmas use_beta_sigmas use_flow_sigmas flow_shift use_dynamic_shifting "
     "time_shift_type shift_terminal sigma_min sigma_max solver_order solver_type solver_p predict_x0 "
     "lower_order_final disable_corrector final_sigmas_type thresholding dynamic_thresholding_ratio sample_max_value "
     "rescale_betas_zero_snr ",
     make_unipc},
    {"lcm", "LCMScheduler", "LCM", false, true,
     " original_inference_steps timestep_scaling clip_sample clip_sample_range set_alpha_to_one thresholding "
     "dynamic_thresholding_ratio sample_max_value rescale_betas_zero_snr ",
     make_lcm},
};

}  // namespace

std::span<const SamplerEntry> sampler_table() { return table; }

const SamplerEntry& sampler_entry(std::string_view name) {
    for (const SamplerEntry& entry : table)
        if (entry.name == name) return entry;
    refuse_value("sampler", fmt::format("{:.60}", name), "use one of {}", fmt::join(sampler_names(), ", "));
}

std::vector<std::string> sampler_names() {
    std::vector<std::string> names;
    for (const SamplerEntry& entry : table) names.emplace_back(entry.name);
    return names;
}

std::unique_ptr<Sampler> make_sampler(const SchedulerConfig& config, int num_inference_steps, double eta) {
    check(config);
    const int most = std::min(most_steps, config.num_train_timesteps);
    if (num_inference_steps < 1 || num_inference_steps > most)
        refuse_value("num_inference_steps", num_inference_steps, "give 1 to {}", most);
    if (!(eta >= 0.0 && eta <= 1.0)) refuse_value("eta", eta, "give a number from 0 to 1");
    return sampler_entry(config.sampler).make(config, num_inference_steps, eta);
}

std::string parameters_name(const SchedulerConfig& config) {
    std::string name(sampler_entry(config.sampler).parameters_name);
    if (is_stochastic(config.algorithm_type)) name += stochastic_ending;
    return name;
}

std::optional<NamedSampler> sampler_by_parameters_name(std::string_view name) {
    NamedSampler named;
    if (name.ends_with(karras_ending)) {
        named.schedule = SigmaSchedule::karras;
        name.remove_suffix(karras_ending.size());
    }
    if (name.ends_with(stochastic_ending)) {
        named.algorithm_type = AlgorithmType::sde_dpmsolver_pp;
        name.remove_suffix(stochastic_ending.size());
    }
    for (const SamplerEntry& entry : table) {
        if (entry.parameters_name != name) continue;
        const bool possible = (named.schedule == SigmaSchedule::discrete || entry.has_sigma_schedules) &&
                              (named.algorithm_type == AlgorithmType::dpmsolver_pp || entry.name == "dpmpp_2m");
        if (!possible) return std::nullopt;
        named.sampler = entry.name;
        return named;
    }
    return std::nullopt;
}

void Sampler::scale_input(std::span<const float> latents, std::size_t i, std::span<float> out) const {
    const double norm = std::hypot(level(i).signal, level(i).noise);
    std::transform(latents.begin(), latents.end(), out.begin(),
                   [norm](float latent) { return static_cast<float>(latent / norm); });
}

void Sampler::add_noise(std::span<const float> original, std::span<const float> noise, std::size_t i,
                        std::span<float> out) const {
    forward_jump(original, noise, level(i), out);
}

std::size_t Sampler::first_step(double strength) const {
    const int taken = std::min(static_cast<int>(plan_.steps * strength), plan_.steps);
    const std::size_t first =
        static_cast<std::size_t>(plan_.steps - taken) * static_cast<std::size_t>(plan_.calls_per_step);
    return std::min(first, plan_.timesteps.size());
}

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
