// Every sampler against diffusers' scheduler of the same configuration, over a made-up network: golden/samplers.json,
// made by golden/scripts/make_samplers.py.

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/files.h"
#include "base/json.h"
#include "base/random.h"
#include "diffusion/near.h"
#include "diffusion/sampler.h"
#include "diffusion/sampler_kind.h"
#include "diffusion/scheduler_json.h"

namespace easel {
namespace {

constexpr std::size_t count = 16;
constexpr std::uint32_t seed = 7;

std::vector<float> wave(double (*function)(double), double frequency, double phase) {
    std::vector<float> values(count);
    for (std::size_t k = 0; k < count; ++k)
        values[k] = static_cast<float>(function(frequency * static_cast<double>(k) + phase));
    return values;
}

std::vector<float> made_up_network(const std::vector<float>& x, double t) {
    std::vector<float> predicted(x.size());
    std::transform(x.begin(), x.end(), predicted.begin(), [t](float value) {
        return static_cast<float>(std::tanh(0.8 * value) * (0.5 + t / 2000.0) + 0.1 * std::cos(3.0 * value));
    });
    return predicted;
}

// Of the latents' spread, or of what it would be were it 1.
/// Expects numbers that differ by at most `bound` times the largest.
void expect_near_of_largest(const std::vector<float>& got, const std::vector<float>& expected, double bound) {
    ASSERT_EQ(got.size(), expected.size());
    double largest = 1.0;
    for (const float value : expected) largest = std::max<double>(largest, std::abs(value));
    for (std::size_t k = 0; k < got.size(); ++k) EXPECT_NEAR(got[k], expected[k], bound * largest) << "at " << k;
}

SchedulerConfig config_of(const nlohmann::json& expected) {
    const SamplerKind* kind =
        expected.contains("sampler") ? &sampler_kind(expected["sampler"].get<std::string>()) : nullptr;
    return parse_scheduler_config(expected["config"].dump(), "the case's configuration", kind).config;
}

void run_case(const nlohmann::json& expected) {
    const auto sampler = make_sampler(make_plan(config_of(expected), expected["steps"], expected["eta"].get<double>()));
    testing::expect_relative(sampler->timesteps(), expected["timesteps"].get<std::vector<double>>(), 1e-6);
    if (!sampler->sigmas().empty())
        testing::expect_relative(sampler->sigmas(), expected["sigmas"].get<std::vector<double>>(), 2e-6);
    EXPECT_NEAR(sampler->initial_noise_scale(), expected["initial_noise_scale"].get<double>(),
                1e-6 * sampler->initial_noise_scale());

    const std::vector<float> noise = wave(std::sin, 1.7, 0.3), clean = wave(std::cos, 0.9, 0.0);
    std::vector<float> latents(noise), input(count);
    for (float& latent : latents) latent = static_cast<float>(latent * sampler->initial_noise_scale());
    std::size_t first = 0;
    if (expected.contains("strength")) {
        first = sampler->first_step(expected["strength"]);
        ASSERT_EQ(first, expected["first"].get<std::size_t>());
        sampler->add_noise(clean, noise, first, latents);
        expect_near_of_largest(latents, expected["begun"].get<std::vector<float>>(), 1e-6);
    }
    if (expected.contains("known")) {
        std::vector<float> known(count);
        sampler->add_noise(clean, noise, first + 1, known);
        expect_near_of_largest(known, expected["known"].get<std::vector<float>>(), 1e-6);
    }

    TorchGenerator generator(seed);
    const NoiseSource draw = [&](std::span<float> out) { generator.fill_normal(out); };
    for (std::size_t i = first; i < sampler->timesteps().size(); ++i) {
        sampler->scale_input(latents, i, input);
        sampler->step(made_up_network(input, sampler->timesteps()[i]), i, latents, draw);
        if (expected.contains("each"))
            expect_near_of_largest(latents, expected["each"].at(i).get<std::vector<float>>(), 2e-5);
    }
    expect_near_of_largest(latents, expected["latents"].get<std::vector<float>>(), 2e-5);

    // The generator stands where diffusers' does: as many numbers were drawn.
    std::vector<float> next(count);
    generator.fill_normal(next);
    EXPECT_NEAR(next[0], expected["draw_after"][0].get<double>(), 2e-6);
    EXPECT_NEAR(next[1], expected["draw_after"][1].get<double>(), 2e-6);
}

class EverySampler : public ::testing::TestWithParam<std::string> {};

TEST_P(EverySampler, FollowsDiffusersToTheLastLatent) {
    const nlohmann::json cases = parse_json(read_text_file("golden/samplers.json"), "golden/samplers.json");
    int run = 0;
    for (const auto& expected : cases) {
        if (config_of(expected).sampler->name != GetParam()) continue;
        SCOPED_TRACE(expected["config"].dump() + " steps " + expected["steps"].dump() + " strength " +
                     expected.value("strength", nlohmann::json()).dump());
        run_case(expected);
        ++run;
    }
    EXPECT_GE(run, 20);
}

INSTANTIATE_TEST_SUITE_P(Samplers, EverySampler, ::testing::ValuesIn(sampler_names()),
                         [](const auto& named) { return named.param; });

}  // namespace
}  // namespace easel
