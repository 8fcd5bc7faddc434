#include "diffusion/sampler.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "diffusion/sampler_kind.h"
#include "diffusion/schedule.h"
#include "diffusion/scheduler_json.h"
#include "diffusion/scheduler_policy.h"
#include "easel/error.h"

namespace easel {
namespace {

using Vector = std::vector<float>;

std::string refusal_of(const SchedulerConfig& config, int steps, std::optional<double> eta = {}) {
    try {
        make_sampler(make_plan(config, steps, eta));
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::bad_request);
        return error.what();
    }
    return "nothing was refused";
}

const NoiseSource no_noise = [](std::span<float>) { FAIL() << "a deterministic sampler drew noise"; };

// Section 1: diffusers' own tests without weights. The network is x t / (t + 1).

double sum_of_dummy_loop(const SchedulerConfig& config, bool show_scaled_to_step) {
    constexpr std::size_t count = 768;
    const auto sampler = make_sampler(make_plan(config, 10));
    Vector x(count), input(count), prediction(count);
    for (std::size_t k = 0; k < count; ++k)
        x[k] = static_cast<float>(static_cast<double>(k) / count * sampler->initial_noise_scale());
    for (std::size_t i = 0; i < sampler->timesteps().size(); ++i) {
        sampler->scale_input(x, i, input);
        const double t = sampler->timesteps()[i];
        std::transform(input.begin(), input.end(), prediction.begin(),
                       [t](float value) { return static_cast<float>(value * t / (t + 1.0)); });
        if (show_scaled_to_step) x = input;
        sampler->step(prediction, i, x, no_noise);
    }
    double sum = 0.0;
    for (const float value : x) sum += std::abs(value);
    return sum;
}

struct DummyLoop {
    std::string class_name;
    std::string settings;
    bool show_scaled_to_step;
    double sum;
    double bound;
};

class DummyLoops : public ::testing::TestWithParam<DummyLoop> {};

TEST_P(DummyLoops, EndInTheSumsOfDiffusersOwnTests) {
    const DummyLoop& loop = GetParam();
    const std::string text = R"({"_class_name": ")" + loop.class_name + R"(", "beta_start": 0.0001, "beta_end": 0.02,
        "beta_schedule": "linear")" +
                             loop.settings + "}";
    const double sum = sum_of_dummy_loop(parse_scheduler_config(text, "the settings").config, loop.show_scaled_to_step);
    EXPECT_NEAR(sum, loop.sum, loop.bound);
}

INSTANTIATE_TEST_SUITE_P(
    Samplers, DummyLoops,
    ::testing::Values(DummyLoop{"DDIMScheduler", "", false, 172.0067, 1e-2},
                      DummyLoop{"DDIMScheduler", R"(, "prediction_type": "v_prediction")", false, 52.5302, 1e-2},
                      DummyLoop{"EulerDiscreteScheduler", R"(, "num_train_timesteps": 1100)", true, 10.0807, 1e-2},
                      DummyLoop{"LMSDiscreteScheduler", R"(, "num_train_timesteps": 1100)", true, 1006.388, 1e-2},
                      DummyLoop{"HeunDiscreteScheduler", R"(, "num_train_timesteps": 1100)", true, 0.1233, 1e-2},
                      DummyLoop{"PNDMScheduler", "", false, 198.1318, 1e-2},
                      DummyLoop{"PNDMScheduler", R"(, "prediction_type": "v_prediction")", false, 67.3986, 1e-2},
                      DummyLoop{"DPMSolverMultistepScheduler",
                                R"(, "final_sigmas_type": "sigma_min", "lower_order_final": false)", false,
                                0.3301 * 768, 1e-3 * 768},
                      DummyLoop{"UniPCMultistepScheduler", R"(, "final_sigmas_type": "sigma_min")", false, 0.2464 * 768,
                                1e-3 * 768}));

// Section 2: theory. A network that knows the noise leads every sampler to the clean sample.

struct Setting {
    std::string sampler;
    SigmaSchedule schedule = SigmaSchedule::discrete;
    PredictionType prediction_type = PredictionType::epsilon;
};

class KnownNoise : public ::testing::TestWithParam<Setting> {};

TEST_P(KnownNoise, LeadsToTheCleanSample) {
    SchedulerConfig config = standard_scheduler_config(sampler_kind(GetParam().sampler));
    config.sigma_schedule = GetParam().schedule;
    config.prediction_type = GetParam().prediction_type;
    config.set_alpha_to_one = true;  // so that the last step of ddim and pndm ends without noise

    Vector clean(64), noise(64), x(64), prediction(64), found_noise(64);
    TorchGenerator(1).fill_normal(clean);
    TorchGenerator(2).fill_normal(noise);
    const auto sampler = make_sampler(make_plan(config, 12));
    sampler->add_noise(clean, noise, 0, x);
    TorchGenerator generator(3);
    const NoiseSource draw = [&](std::span<float> out) { generator.fill_normal(out); };
    for (std::size_t i = 0; i < sampler->timesteps().size(); ++i) {
        // What the network would say of x at this level, whose ends add_noise tells.
        Vector zero(64, 0.0f), one(64, 1.0f), signal(64), sigma(64);
        sampler->add_noise(one, zero, i, signal);
        sampler->add_noise(zero, one, i, sigma);
        const double norm = std::hypot(signal[0], sigma[0]);
        for (std::size_t k = 0; k < x.size(); ++k) {
            const double epsilon = (x[k] - static_cast<double>(signal[k]) * clean[k]) / sigma[k];
            found_noise[k] = static_cast<float>(epsilon);
            prediction[k] = static_cast<float>(config.prediction_type == PredictionType::epsilon
                                                   ? epsilon
                                                   : (signal[k] * epsilon - sigma[k] * clean[k]) / norm);
        }
        sampler->step(prediction, i, x, draw);
    }
    // pndm combines the predictions themselves, and v, unlike the noise, is another at each level.
    const bool inexact = config.sampler->name == "pndm" && config.prediction_type == PredictionType::v_prediction;
    const double bound = inexact ? 0.05 : 2e-3;
    Vector end = clean;
    if (config.sampler->name == "deis" || config.sampler->name == "tcd")  // which keep the least noise of the training
        forward_jump(clean, found_noise, variance_preserving(make_alphas_cumprod(make_betas(config))[0]), end);
    for (std::size_t k = 0; k < x.size(); ++k) EXPECT_NEAR(x[k], end[k], bound) << "at " << k;
}

std::vector<Setting> settings() {
    std::vector<Setting> all;
    for (const std::string& name : sampler_names())
        for (const PredictionType type : {PredictionType::epsilon, PredictionType::v_prediction})
            all.push_back({name, SigmaSchedule::discrete, type});
    for (const SamplerKind* kind : sampler_kinds())
        if (kind->has_sigma_schedules())
            all.push_back({std::string(kind->name), SigmaSchedule::karras, PredictionType::epsilon});
    return all;
}

INSTANTIATE_TEST_SUITE_P(Samplers, KnownNoise, ::testing::ValuesIn(settings()), [](const auto& tested) {
    return tested.param.sampler + (tested.param.schedule == SigmaSchedule::karras ? "_karras" : "") +
           (tested.param.prediction_type == PredictionType::epsilon ? "" : "_v");
});

// Section 3: the interface.

TEST(Samplers, AreSixteenAndOneOfNoneOfTheirNamesIsRefusedWithTheList) {
    EXPECT_EQ(sampler_names(), (std::vector<std::string>{"ddim", "pndm", "lms", "euler", "euler_a", "heun", "dpmpp_2m",
                                                         "dpmpp_2m_sde", "dpmpp_3m_sde", "dpmpp_2s", "dpmpp_sde",
                                                         "deis", "ddpm", "unipc", "lcm", "tcd"}));
    try {
        standard_scheduler_config(sampler_kind("plms"));
        FAIL() << "it was taken";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::bad_request);
        EXPECT_STREQ(error.what(),
                     "`sampler` plms: use one of ddim, pndm, lms, euler, euler_a, heun, dpmpp_2m, dpmpp_2m_sde, "
                     "dpmpp_3m_sde, dpmpp_2s, dpmpp_sde, deis, ddpm, unipc, lcm, tcd");
    }
}

TEST(Samplers, AskTheNetworkAsOftenAsTheirMethodNeeds) {
    const auto calls = [](std::string_view name, int steps) {
        return make_sampler(make_plan(standard_scheduler_config(sampler_kind(name)), steps))->timesteps().size();
    };
    EXPECT_EQ(calls("ddim", 20), 20u);
    EXPECT_EQ(calls("pndm", 20), 21u);
    EXPECT_EQ(calls("pndm", 1), 1u);
    EXPECT_EQ(calls("heun", 20), 39u);
    EXPECT_EQ(calls("dpmpp_sde", 20), 39u);
    EXPECT_EQ(calls("dpmpp_sde", 1), 1u);
}

TEST(Samplers, BeginImageToImageWhereDiffusersDoes) {
    const auto first = [](std::string_view name, int steps, double strength) {
        return make_sampler(make_plan(standard_scheduler_config(sampler_kind(name)), steps))->first_step(strength);
    };
    EXPECT_EQ(first("ddim", 20, 0.3), 14u);
    EXPECT_EQ(first("ddim", 20, 1.0), 0u);
    EXPECT_EQ(first("heun", 5, 0.7), 4u);
    EXPECT_EQ(first("pndm", 20, 0.7), 6u);
    EXPECT_EQ(first("ddim", 20, 0.04), 20u);
    EXPECT_EQ(first("heun", 5, 0.1), 9u);
    EXPECT_EQ(first("dpmpp_sde", 5, 0.7), 4u);
    EXPECT_EQ(first("tcd", 4, 0.5), 2u);
    // Its call more than there are steps is left.
    EXPECT_EQ(first("pndm", 20, 0.04), 20u);
}

TEST(Samplers, GiveTheSameBytesTwice) {
    const auto run = [](std::string_view name) {
        const auto sampler = make_sampler(make_plan(standard_scheduler_config(sampler_kind(name)), 7, 0.5));
        TorchGenerator generator(5);
        Vector x(256), input(256);
        generator.fill_normal(x);
        const NoiseSource draw = [&](std::span<float> out) { generator.fill_normal(out); };
        for (std::size_t i = 0; i < sampler->timesteps().size(); ++i) {
            sampler->scale_input(x, i, input);
            sampler->step(input, i, x, draw);
        }
        return x;
    };
    for (const std::string& name : sampler_names()) EXPECT_EQ(run(name), run(name)) << name;
}

TEST(Samplers, ScaleTheInputOnlyWhereTheyCountInSigmas) {
    const Vector x = {1.0f, -3.25f};
    Vector out(2);
    make_sampler(make_plan(standard_scheduler_config(sampler_kind("dpmpp_2m")), 5))->scale_input(x, 0, out);
    EXPECT_EQ(out, x);
    const auto euler = make_sampler(make_plan(standard_scheduler_config(sampler_kind("euler")), 5));
    euler->scale_input(x, 0, out);
    EXPECT_NEAR(out[0], 1.0 / std::hypot(1.0, euler->sigmas()[0]), 1e-7);
}

TEST(Samplers, RefuseStepCountsTheyCannotTake) {
    SchedulerConfig config = standard_scheduler_config(sampler_kind("ddim"));
    EXPECT_EQ(refusal_of(config, 0), "`num_inference_steps` 0: give 1 to 1000");
    EXPECT_EQ(refusal_of(config, 100000), "`num_inference_steps` 100000: give 1 to 1000");
    EXPECT_EQ(
        refusal_of(config, 1000),
        "1000 steps with a steps_offset of 1 reach timestep 1000, but the model has only 0 to 999; use fewer steps");
    config.num_train_timesteps = 100;
    EXPECT_EQ(refusal_of(config, 101), "`num_inference_steps` 101: give 1 to 100");
    EXPECT_EQ(refusal_of(standard_scheduler_config(sampler_kind("dpmpp_2m")), 1000),
              "`num_inference_steps`: 1000 steps are too many for this schedule, which would visit a timestep twice; "
              "use fewer");
    EXPECT_EQ(refusal_of(standard_scheduler_config(sampler_kind("lcm")), 51),
              "`num_inference_steps`: the sampler lcm takes at most 50 steps, the original_inference_steps of its "
              "distillation, not 51");
    SchedulerConfig runge_kutta = standard_scheduler_config(sampler_kind("pndm"));
    runge_kutta.skip_prk_steps = false;
    EXPECT_EQ(refusal_of(runge_kutta, 3),
              "`num_inference_steps`: the sampler pndm with skip_prk_steps false takes at least 4 steps, not 3");
}

TEST(Samplers, TakeEveryStepCountUpToTheirMost) {
    for (const std::string& name : sampler_names()) {
        SchedulerConfig config = standard_scheduler_config(sampler_kind(name));
        config.steps_offset = 0;
        const bool is_solver = name.starts_with("dpmpp_2m") || name == "dpmpp_3m_sde" || name == "dpmpp_2s" ||
                               name == "unipc" || name == "deis";
        const int most = name == "lcm" || name == "tcd" ? 50 : is_solver ? 999 : 1000;
        for (int steps = 1; steps <= most; steps += steps < 30 ? 1 : 97) {
            SCOPED_TRACE(name + " " + std::to_string(steps));
            EXPECT_NO_THROW(make_sampler(make_plan(config, steps)));
        }
        EXPECT_NO_THROW(make_sampler(make_plan(config, most)));
    }
}

TEST(Samplers, RefuseAnEtaOutsideItsRange) {
    const SchedulerConfig config = standard_scheduler_config(sampler_kind("ddim"));
    EXPECT_EQ(refusal_of(config, 5, -0.5), "`eta` -0.5: give a number from 0 to 1");
    EXPECT_EQ(refusal_of(config, 5, std::nan("")), "`eta` nan: give a number from 0 to 1");
    EXPECT_EQ(refusal_of(standard_scheduler_config(sampler_kind("tcd")), 4, 1.5),
              "`eta` 1.5: give a number from 0 to 1");
}

TEST(Samplers, TakeTheEtaOfTheirsWhereNoneIsAskedFor) {
    const auto eta = [](std::string_view name, std::optional<double> asked = {}) {
        return make_plan(standard_scheduler_config(sampler_kind(name)), 4, asked).eta;
    };
    EXPECT_EQ(eta("ddim"), 0.0);
    EXPECT_EQ(eta("tcd"), 0.3);
    EXPECT_EQ(eta("tcd", 0.0), 0.0);
}

TEST(Samplers, DrawOnlyWhereTheyAreStochastic) {
    const auto draws = [](std::string_view name, int steps, std::optional<double> eta = {}) {
        const auto sampler = make_sampler(make_plan(standard_scheduler_config(sampler_kind(name)), steps, eta));
        int count = 0;
        Vector x(4, 0.5f), prediction(4, 0.1f);
        const NoiseSource draw = [&](std::span<float> out) {
            std::ranges::fill(out, 0.25f);
            ++count;
        };
        for (std::size_t i = 0; i < sampler->timesteps().size(); ++i) sampler->step(prediction, i, x, draw);
        return count;
    };
    EXPECT_EQ(draws("tcd", 4), 3);
    EXPECT_EQ(draws("tcd", 4, 0.0), 0);
    EXPECT_EQ(draws("tcd", 1, 1.0), 0);
    EXPECT_EQ(draws("deis", 4), 0);
    EXPECT_EQ(draws("dpmpp_sde", 4), 6);
    EXPECT_EQ(draws("dpmpp_2m_sde", 4), 4);
    EXPECT_EQ(draws("dpmpp_3m_sde", 4), 4);
}

// From a step's beginning to its end, the noise that was drawn for its middle is part of what it gets.
TEST(DpmppSde, DrawsOneBrownianMotionOverTheStep) {
    const auto sampler = make_sampler(make_plan(standard_scheduler_config(sampler_kind("dpmpp_sde")), 3));
    const auto end_of_step = [&](double first, double second) {
        const auto fresh = make_sampler(make_plan(standard_scheduler_config(sampler_kind("dpmpp_sde")), 3));
        Vector x(1, 0.0f);
        int calls = 0;
        const NoiseSource draw = [&](std::span<float> out) {
            out[0] = static_cast<float>(calls++ == 0 ? first : second);
        };
        for (std::size_t i = 0; i < 2; ++i) {
            const Vector of_zero = {static_cast<float>(x[0] / fresh->sigmas()[i])};  // predicts an x_0 of 0
            fresh->step(of_zero, i, x, draw);
        }
        return static_cast<double>(x[0]);
    };
    const double from = sampler->sigmas()[0], middle = sampler->sigmas()[1], to = sampler->sigmas()[2];
    EXPECT_NEAR(middle, std::sqrt(from * to), 1e-6 * middle);
    const double share = to * std::sqrt(1.0 - (to / from) * (to / from));
    EXPECT_NEAR(end_of_step(1.0, 0.0), share * std::sqrt((from - middle) / (from - to)), 1e-5 * share);
    EXPECT_NEAR(end_of_step(0.0, 1.0), share * std::sqrt((middle - to) / (from - to)), 1e-5 * share);
}

TEST(Samplers, WithoutKarrasSaySoAndNameThoseThatHaveIt) {
    SchedulerConfig config = standard_scheduler_config(sampler_kind("ddim"));
    config.sigma_schedule = SigmaSchedule::karras;
    EXPECT_EQ(refusal_of(config, 5),
              "`schedule`: the sampler ddim has no schedule karras; use one of lms, euler, heun, dpmpp_2m, "
              "dpmpp_2m_sde, dpmpp_3m_sde, dpmpp_2s, dpmpp_sde, deis, unipc, or the schedule discrete");
}

TEST(Samplers, HaveTheNamesThatOtherProgramsStore) {
    EXPECT_EQ(stored_name(standard_scheduler_config(sampler_kind("dpmpp_2m"))), "DPM++ 2M");
    EXPECT_EQ(stored_name(standard_scheduler_config(sampler_kind("euler_a"))), "Euler a");
    for (const SamplerKind* kind : sampler_kinds()) {
        const auto found = sampler_by_any_name(stored_name(standard_scheduler_config(*kind)));
        ASSERT_TRUE(found) << kind->name;
        EXPECT_EQ(found->kind, kind);
        EXPECT_FALSE(found->schedule);
    }
}

TEST(Samplers, AreFoundByAnyOfTheirNames) {
    for (const char* name : {"DPM++ 2M Karras", "dpm++ 2m karras", "dpm++2m karras", "dpmpp_2m_karras",
                             "dpmpp-2m Karras", "DPMSolverMultistepScheduler Karras"}) {
        const auto found = sampler_by_any_name(name);
        ASSERT_TRUE(found) << name;
        EXPECT_EQ(found->kind->name, "dpmpp_2m");
        EXPECT_EQ(found->schedule, SigmaSchedule::karras);
    }
    for (const char* name : {"DPM++ 2M SDE Exponential", "dpmpp_2m_sde exponential", "dpmpp_2m_sde_gpu_exponential",
                             "dpmpp_2m SDE Exponential"}) {
        const auto found = sampler_by_any_name(name);
        ASSERT_TRUE(found) << name;
        EXPECT_EQ(found->kind->name, "dpmpp_2m_sde");
        EXPECT_EQ(found->schedule, SigmaSchedule::exponential);
    }
    for (const auto& [name, own] : {std::pair("DPM++ SDE", "dpmpp_sde"),
                                    {"DPM++ SDE Karras", "dpmpp_sde"},
                                    {"dpmpp_sde_gpu", "dpmpp_sde"},
                                    {"DPMSolverSDEScheduler", "dpmpp_sde"},
                                    {"DPM++ 3M SDE Exponential", "dpmpp_3m_sde"},
                                    {"dpmpp_3m_sde_gpu", "dpmpp_3m_sde"},
                                    {"DEIS", "deis"},
                                    {"DEIS Beta", "deis"},
                                    {"DEISMultistepScheduler", "deis"},
                                    {"TCD", "tcd"},
                                    {"TCDScheduler", "tcd"},
                                    {"DPM++ 2S", "dpmpp_2s"},
                                    {"DPMSolverSinglestepScheduler", "dpmpp_2s"},
                                    {"DPMSolverMultistepScheduler", "dpmpp_2m"}}) {
        const auto found = sampler_by_any_name(name);
        ASSERT_TRUE(found) << name;
        EXPECT_EQ(found->kind->name, own);
    }
    EXPECT_EQ(sampler_by_any_name("Euler")->kind->name, "euler");
    EXPECT_EQ(sampler_by_any_name("euler_a discrete")->kind->name, "euler_a");
    EXPECT_EQ(sampler_by_any_name("PLMS")->kind->name, "pndm");
    for (const char* name :
         {"DPM++ 3M", "DPM++ 2S a", "DDIM Karras", "DDIM CFG++", "TCD Beta", "Euler SDE", "Euler GPU", "", "Karras"})
        EXPECT_FALSE(sampler_by_any_name(name)) << name;
}

}  // namespace
}  // namespace easel
