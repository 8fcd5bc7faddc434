#include "train/sample.h"

#include <ATen/CPUGeneratorImpl.h>

#include <easel/error.h>

#include "diffusion/sampler.h"
#include "diffusion/scheduler_policy.h"
#include "train/encoded_data.h"

namespace easel::train {

Tensor sample(Model& model, std::span<const std::string> prompts, const SampleOptions& options, torch::Device device,
              std::stop_token stop) {
    const torch::NoGradGuard no_grad;
    // The empty prompts first, as guidance takes them.
    std::vector<std::string> texts(prompts.size());
    texts.insert(texts.end(), prompts.begin(), prompts.end());
    const Tensor text = model.text_encoder(token_ids(model, texts).to(device, torch::kLong));

    SchedulerConfig config = model.scheduler();
    correct_for_stable_diffusion(config, /*with_mask=*/false);
    const auto sampler = make_sampler(make_plan(config, options.steps));
    at::Generator generator = at::detail::createCPUGenerator(options.seed);
    const auto values = [](Tensor& x) { return std::span(x.data_ptr<float>(), static_cast<std::size_t>(x.numel())); };
    const NoiseSource noise = [&](std::span<float> drawn) {
        torch::from_blob(drawn.data(), {static_cast<std::int64_t>(drawn.size())}, torch::kFloat)
            .normal_(0, 1, generator);
    };

    const VaeConfig& vae = model.stored.vae.config;
    const auto count = static_cast<std::int64_t>(prompts.size());
    Tensor latents = torch::randn({count, vae.latent_channels, options.height / vae.downsampling(),
                                   options.width / vae.downsampling()},
                                  generator) *
                     sampler->initial_noise_scale();
    Tensor input = torch::empty_like(latents);
    for (std::size_t i = 0; i < sampler->timesteps().size(); ++i) {
        if (stop.stop_requested()) throw Cancelled();
        sampler->scale_input(values(latents), i, values(input));
        const Tensor both = torch::cat({input, input}).to(device).contiguous(torch::MemoryFormat::ChannelsLast);
        const Tensor timesteps =
            torch::full({2 * count}, sampler->timesteps()[i], torch::TensorOptions(torch::kFloat).device(device));
        const auto halves = model.unet(both, timesteps, text).chunk(2);
        Tensor prediction = halves[0] + options.guidance_scale * (halves[1] - halves[0]);
        prediction = prediction.to(torch::kCPU).contiguous();
        sampler->step(values(prediction), i, values(latents), noise);
    }
    const Tensor unscaled = (latents / vae.scaling_factor + vae.shift_factor).to(device);
    return model.vae->decode(unscaled).clamp(-1, 1).to(torch::kCPU).contiguous();
}

}  // namespace easel::train
