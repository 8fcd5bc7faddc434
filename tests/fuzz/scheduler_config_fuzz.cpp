// Whatever a scheduler_config.json says, it is refused, or it makes a sampler whose latents are finite.

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "diffusion/sampler.h"
#include "diffusion/scheduler_json.h"
#include "diffusion/scheduler_policy.h"
#include "easel/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace easel;
    try {
        const std::string_view text(reinterpret_cast<const char*>(data), size);
        SchedulerConfig config = parse_scheduler_config(text, "scheduler_config.json").config;
        correct_for_stable_diffusion(config, false);
        const auto sampler = make_sampler(make_plan(config, 4));
        std::vector<float> latents(4, 1.0f), input(4);
        const NoiseSource noise = [](std::span<float> out) {
            for (float& value : out) value = 0.5f;
        };
        for (std::size_t i = 0; i < sampler->timesteps().size(); ++i) {
            sampler->scale_input(latents, i, input);
            sampler->step(input, i, latents, noise);
            for (const float latent : latents)
                if (!std::isfinite(latent)) std::abort();
        }
    } catch (const Error&) {
    }
    return 0;
}
