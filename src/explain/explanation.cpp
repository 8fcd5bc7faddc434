#include "explain/explanation.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "base/error.h"
#include "base/random.h"
#include "diffusion/sampler.h"
#include "diffusion/sampler_kind.h"
#include "diffusion/schedule.h"
#include "explain/backward.h"
#include "explain/networks.h"
#include "pictures/resize.h"
#include "pipeline/latents.h"
#include "pipeline/stages.h"
#include "settings/settings.h"

namespace easel {
namespace {

constexpr int draws = 10000;
constexpr int reconstruction_steps = 50;
constexpr double reconstruction_strength = 0.6;
constexpr int path_steps = 10;
constexpr std::size_t pictures_of_a_path = 5;
constexpr double guidance_scales[] = {0.0, 1.0, 2.0, 4.0, 7.5, 12.0};
/// The forward process in pixels takes a thousand steps; a larger picture is made smaller for it.
constexpr int largest_pixel_side = 128;

// As shares of the training timesteps.
constexpr double forward_shares[] = {0.0, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0};
constexpr double estimate_shares[] = {0.05, 0.2, 0.4, 0.6, 0.8, 0.95};
constexpr double backward_shares[] = {0.05, 0.2, 0.4, 0.7};
constexpr int loss_timesteps = 20, loss_draws = 2;

NoiseSource noise_of(std::uint32_t seed) {
    return [generator = std::make_shared<TorchGenerator>(seed)](std::span<float> out) { generator->fill_normal(out); };
}

void no_noise(std::span<float> out) { std::ranges::fill(out, 0.0f); }

std::vector<int> timesteps_at(std::span<const double> shares, std::size_t training_timesteps, int least = 0) {
    std::vector<int> timesteps;
    for (const double share : shares)
        timesteps.push_back(
            std::max(least, static_cast<int>(std::lround(share * static_cast<double>(training_timesteps - 1)))));
    return timesteps;
}

/// The first three channels (the last one again if there are fewer) as red, green and blue, 3 standard deviations to
/// each side of grey.
Picture picture_of_latents(std::span<const float> latents, int channels, int height, int width) {
    const std::size_t plane = static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
    std::vector<float> colours;
    for (int colour = 0; colour < 3; ++colour) {
        const auto channel = latents.subspan(static_cast<std::size_t>(std::min(colour, channels - 1)) * plane, plane);
        for (const float value : channel) colours.push_back(value / 3.0f);
    }
    return from_network(colours, width, height);
}

/// A sampler that is ready to run, or the reason why it cannot.
struct Walk {
    std::string name, refusal;
    std::unique_ptr<Sampler> sampler;
    std::size_t first = 0;
    std::size_t calls() const { return sampler ? sampler->timesteps().size() - first : 0; }
};

/// The work that needs a model, and its progress.
class Experiments {
  public:
    Experiments(const ExplainRequest& request, Model& model, const Callbacks& callbacks, std::stop_token stop)
        : model_(model), callbacks_(callbacks), stop_(std::move(stop)), seed_(request.seed) {
        asked_.prompt = request.prompt;
        asked_.init_image = request.picture;
        asked_.strength = 1.0;  // each experiment chooses where it begins
        asked_.seed = request.seed;
        settings_ = settings_for({});
        betas_ = make_betas(settings_.plan.config);
        alphas_cumprod_ = make_alphas_cumprod(betas_);
    }

    Explanation run(const ExplainRequest& request) {
        Explanation result{.picture_name = request.name,
                           .prompt = request.prompt,
                           .model_name = model_.facts().identity.name,
                           .precision = model_.precision(),
                           .seed = seed_,
                           .training_timesteps = static_cast<int>(betas_.size()),
                           .draws = draws};
        prepare_walks();
        networks_ = std::make_unique<Networks>(model_, settings_, callbacks_, stop_);
        look_at_picture(result);
        look_forward(result);
        report_.emplace(callbacks_, Stage::denoise, static_cast<int>(calls_));
        look_at_estimates(result);
        measure_losses(result);
        reconstruct(result);
        guide_by_weights(result);
        follow_samplers(result);
        return result;
    }

  private:
    /// The settings of the request with a sampler and a number of steps; without, the model's own.
    Settings settings_for(const std::optional<std::string>& sampler, std::optional<int> steps = {}) const {
        Request request = asked_;
        request.sampler = sampler;
        if (steps) request.num_inference_steps = steps;
        return complete(request, model_.facts(), model_.defaults());
    }

    Walk walk(const std::string& name, int steps) const {
        Walk found{.name = name};
        try {
            found.sampler = make_sampler(settings_for(name, steps).plan);
        } catch (const Error& error) {
            found.refusal = error.what();  // is shown in the page
        }
        return found;
    }

    void prepare_walks() {
        for (const char* name : {"with σₜz", "without σₜz"}) {
            Walk ddpm = walk("ddpm", reconstruction_steps);
            if (ddpm.sampler) ddpm.first = ddpm.sampler->first_step(reconstruction_strength);
            ddpm.name = name;
            reconstructions_.push_back(std::move(ddpm));
        }
        for (std::size_t i = 0; i < std::size(guidance_scales); ++i) guided_.push_back(make_sampler(settings_.plan));
        for (const std::string& name : sampler_names()) paths_.push_back(walk(name, path_steps));

        calls_ = std::size(estimate_shares) + static_cast<std::size_t>(loss_timesteps * loss_draws);
        for (const auto& sampler : guided_) calls_ += sampler->timesteps().size();
        for (const auto* walks : {&reconstructions_, &paths_})
            for (const Walk& one : *walks) calls_ += one.calls();
    }

    Predictor predictor(double guidance_scale) {
        return [this, guidance_scale](std::span<const float> sample, double timestep) {
            std::vector<float> prediction = networks_->predict(sample, timestep, guidance_scale);
            report_->step(static_cast<int>(++done_));
            if (stop_.stop_requested()) throw Cancelled();
            return prediction;
        };
    }

    void look_at_picture(Explanation& result) {
        const StageReport report(callbacks_, Stage::encode);
        result.picture = resize_lanczos(*settings_.init_image, settings_.size.width, settings_.size.height);
        clean_ = networks_->encode(result.picture);
        result.round_trip = networks_->decode(clean_);
        result.latent_channels = model_.facts().latents.channels;
        result.latent_height = settings_.size.height / model_.facts().latents.downsampling;
        result.latent_width = settings_.size.width / model_.facts().latents.downsampling;
        result.latents_picture = noise_picture(clean_);
        report.done();
    }

    Picture noise_picture(std::span<const float> latents) const {
        return picture_of_latents(latents, model_.facts().latents.channels,
                                  settings_.size.height / model_.facts().latents.downsampling,
                                  settings_.size.width / model_.facts().latents.downsampling);
    }

    template <typename ToPicture>
    ForwardView forward_view(std::span<const float> clean, ToPicture to_picture) const {
        const std::vector<int> timesteps = timesteps_at(forward_shares, betas_.size());
        const NoiseSource noise = noise_of(seed_);
        const ForwardFilm film = film_forward(clean, betas_, timesteps, noise);
        ForwardView view{.timesteps = timesteps};
        for (const auto& x : film.stepped) view.stepped.push_back(to_picture(x));
        for (const auto& x : film.jumped) view.jumped.push_back(to_picture(x));
        view.measured_value = *std::ranges::max_element(clean);
        view.measured = measure_forward(view.measured_value, betas_, timesteps, draws, noise);
        if (stop_.stop_requested()) throw Cancelled();
        return view;
    }

    void look_forward(Explanation& result) {
        result.schedules = schedule_curves(settings_.plan.config);
        const Picture small = thumbnail(result.picture, largest_pixel_side);
        result.pixels = forward_view(to_network(small), [&](std::span<const float> pixels) {
            return from_network(pixels, small.width, small.height);
        });
        result.latents =
            forward_view(clean_, [&](std::span<const float> latents) { return networks_->decode(latents); });
        if (betas_.size() > 1)
            result.backward_lines =
                compare_backward_lines(result.pixels.measured_value, betas_,
                                       timesteps_at(backward_shares, betas_.size(), 1), draws, noise_of(seed_));
    }

    void look_at_estimates(Explanation& result) {
        const auto estimates = estimate_noise(clean_, alphas_cumprod_, timesteps_at(estimate_shares, betas_.size()),
                                              settings_.plan.config.prediction_type, predictor(1.0), noise_of(seed_));
        for (const Estimate& estimate : estimates)
            result.estimates.push_back({.timestep = estimate.timestep,
                                        .sample = networks_->decode(estimate.sample),
                                        .predicted_x0 = networks_->decode(estimate.predicted_x0),
                                        .noise = noise_picture(estimate.noise),
                                        .predicted_noise = noise_picture(estimate.predicted_noise),
                                        .noise_error = estimate.noise_error,
                                        .x0_error = estimate.x0_error});
    }

    /// Lines 3 to 5 of Algorithm 1 for this picture, at timesteps in the middle of equal parts.
    void measure_losses(Explanation& result) {
        std::vector<double> shares;
        for (int i = 0; i < loss_timesteps; ++i) shares.push_back((i + 0.5) / loss_timesteps);
        result.loss_timesteps = timesteps_at(shares, betas_.size());
        result.loss_draws = loss_draws;
        result.losses.assign(result.loss_timesteps.size(), 0.0);
        const NoiseSource noise = noise_of(seed_);
        for (int draw = 0; draw < loss_draws; ++draw) {
            const auto estimates = estimate_noise(clean_, alphas_cumprod_, result.loss_timesteps,
                                                  settings_.plan.config.prediction_type, predictor(1.0), noise);
            for (std::size_t i = 0; i < estimates.size(); ++i)
                result.losses[i] += estimates[i].noise_error * estimates[i].noise_error / loss_draws;
        }
    }

    /// Follows the walk, and decodes some of it.
    PathView view(Walk& walk, std::vector<float> start, double guidance_scale, const NoiseSource& noise) {
        PathView seen{.name = walk.name, .refusal = walk.refusal};
        if (!walk.sampler) return seen;
        const Path path = follow(*walk.sampler, walk.first, std::move(start), predictor(guidance_scale), noise);
        for (std::size_t i = 0; i < path.shown.size(); ++i) {
            seen.timesteps.push_back(path.timesteps[i]);
            seen.norms.push_back(rms(path.shown[i]));
        }
        seen.timesteps.push_back(0.0);
        seen.norms.push_back(rms(path.end));

        for (std::size_t k = 0; k < pictures_of_a_path; ++k) {
            const std::size_t i = k * path.shown.size() / pictures_of_a_path;
            seen.pictured_timesteps.push_back(path.timesteps[i]);
            seen.pictures.push_back(networks_->decode(path.shown[i]));
        }
        seen.pictured_timesteps.push_back(0.0);
        seen.pictures.push_back(networks_->decode(path.end));
        seen.distance = rms_difference(path.end, clean_);
        return seen;
    }

    void reconstruct(Explanation& result) {
        result.reconstruction_steps = reconstruction_steps;
        for (Walk& ddpm : reconstructions_) {
            const NoiseSource noise = noise_of(seed_);
            std::vector<float> start(clean_.size());
            if (ddpm.sampler) {
                result.reconstruction_from = static_cast<int>(ddpm.sampler->timesteps()[ddpm.first]);
                noise(start);
                ddpm.sampler->add_noise(clean_, start, ddpm.first, start);
            }
            const bool with_noise = &ddpm == &reconstructions_.front();
            result.reconstructions.push_back(view(ddpm, std::move(start), 1.0, with_noise ? noise : no_noise));
        }
    }

    /// Pure noise, as the sampler starts from it.
    std::vector<float> first_latents(const Sampler& sampler, const NoiseSource& noise) const {
        std::vector<float> latents(clean_.size());
        noise(latents);
        for (float& value : latents) value *= static_cast<float>(sampler.initial_noise_scale());
        return latents;
    }

    void guide_by_weights(Explanation& result) {
        result.guidance_sampler = settings_.plan.config.sampler->name;
        for (std::size_t i = 0; i < guided_.size(); ++i) {
            const NoiseSource noise = noise_of(seed_);
            Sampler& sampler = *guided_[i];
            const Path path = follow(sampler, 0, first_latents(sampler, noise), predictor(guidance_scales[i]), noise);
            result.guided.push_back({guidance_scales[i], networks_->decode(path.end)});
        }
    }

    void follow_samplers(Explanation& result) {
        result.path_steps = path_steps;
        result.path_guidance_scale = settings_.guidance_scale;
        for (Walk& walk : paths_) {
            const NoiseSource noise = noise_of(seed_);
            std::vector<float> start;
            if (walk.sampler) start = first_latents(*walk.sampler, noise);
            result.paths.push_back(view(walk, std::move(start), result.path_guidance_scale, noise));
        }
    }

    Model& model_;
    const Callbacks& callbacks_;
    std::stop_token stop_;
    std::uint32_t seed_;
    Request asked_;
    Settings settings_;
    std::vector<double> betas_, alphas_cumprod_;
    std::unique_ptr<Networks> networks_;
    std::vector<float> clean_;

    std::vector<Walk> reconstructions_, paths_;
    std::vector<std::unique_ptr<Sampler>> guided_;
    std::optional<StageReport> report_;
    std::size_t calls_ = 0, done_ = 0;
};

}  // namespace

Explanation explain(const ExplainRequest& request, Model& model, const Callbacks& callbacks, std::stop_token stop) {
    if (model.facts().masking == Masking::in_the_unet)
        refuse("model", "{} is an inpainting model; give one that draws from words alone", model.facts().identity.name);
    if (model.facts().edits_pictures())
        refuse("model", "{} is an InstructPix2Pix model; give one that draws from words alone",
               model.facts().identity.name);
    return Experiments(request, model, callbacks, std::move(stop)).run(request);
}

}  // namespace easel
