#include "diffusion/scheduler_config.h"

#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "diffusion/sampler.h"
#include "diffusion/sampler_kind.h"
#include "diffusion/scheduler_json.h"
#include "diffusion/scheduler_names.h"
#include "diffusion/scheduler_policy.h"
#include "easel/error.h"

namespace easel {
namespace {

SchedulerConfig parse(const std::string& fields, std::string_view sampler = {}) {
    const SamplerKind* kind = sampler.empty() ? nullptr : &sampler_kind(sampler);
    return parse_scheduler_config("{" + fields + "}", "s.json", kind).config;
}

std::vector<std::string> notes(const std::string& fields) {
    return parse_scheduler_config("{" + fields + "}", "s.json").notes;
}

std::string refusal_of_fields(const std::string& fields, std::string_view sampler = {}) {
    try {
        make_plan(parse(fields, sampler), 5);
    } catch (const Error& error) {
        return error.what();
    }
    return "nothing was refused";
}

const std::string ddim = R"("_class_name": "DDIMScheduler")";
const std::string pndm = R"("_class_name": "PNDMScheduler")";
const std::string euler = R"("_class_name": "EulerDiscreteScheduler")";
const std::string dpm = R"("_class_name": "DPMSolverMultistepScheduler")";
const std::string unipc = R"("_class_name": "UniPCMultistepScheduler")";

TEST(SchedulerConfig, ClassChoosesTheSampler) {
    EXPECT_EQ(parse(ddim).sampler->name, "ddim");
    EXPECT_EQ(parse(R"("_class_name": "EulerAncestralDiscreteScheduler")").sampler->name, "euler_a");
    EXPECT_EQ(parse(dpm).sampler->name, "dpmpp_2m");
    for (const auto& [class_name, name] : {std::pair("DEISMultistepScheduler", "deis"),
                                           {"DPMSolverSDEScheduler", "dpmpp_sde"},
                                           {"DPMSolverSinglestepScheduler", "dpmpp_2s"},
                                           {"TCDScheduler", "tcd"}}) {
        const std::string fields = std::string(R"("_class_name": ")") + class_name + R"(")";
        EXPECT_EQ(parse(fields).sampler->name, name);
        EXPECT_TRUE(notes(fields).empty());
    }
}

TEST(SchedulerConfig, StochasticSolversAreSettingsOfTheirClass) {
    const std::string ordinary = dpm + R"(, "algorithm_type": "dpmsolver++", "solver_order": 1, "solver_type": "heun")";
    const SchedulerConfig second = parse(ordinary, "dpmpp_2m_sde"), third = parse(ordinary, "dpmpp_3m_sde");
    for (const SchedulerConfig& config : {second, third}) {
        EXPECT_EQ(config.algorithm_type, AlgorithmType::sde_dpmsolver_pp);
        EXPECT_EQ(config.solver_type, SolverType::heun);
    }
    EXPECT_EQ(second.solver_order, 2);
    EXPECT_EQ(third.solver_order, 3);
    const auto stored = [](const std::string& fields) { return stored_name(parse(dpm + fields)); };
    EXPECT_EQ(stored(R"(, "algorithm_type": "sde-dpmsolver++")"), "DPM++ 2M SDE");
    EXPECT_EQ(stored(R"(, "algorithm_type": "sde-dpmsolver++", "solver_order": 3)"), "DPM++ 3M SDE");
    EXPECT_EQ(stored(R"(, "algorithm_type": "sde-dpmsolver++", "solver_order": 1)"), "DPM++ 2M");
    EXPECT_EQ(stored(R"(, "algorithm_type": "sde-dpmsolver")"), "DPM++ 2M");
}

TEST(SchedulerConfig, MissingFieldsAreTheClasssOwnDefaults) {
    const SchedulerConfig a = parse(ddim);
    EXPECT_EQ(a.beta_start, 0.0001);
    EXPECT_EQ(a.beta_end, 0.02);
    EXPECT_EQ(a.beta_schedule, BetaSchedule::linear);
    EXPECT_TRUE(a.clip_sample);
    EXPECT_TRUE(a.set_alpha_to_one);
    EXPECT_EQ(a.steps_offset, 0);
    EXPECT_EQ(a.timestep_spacing, TimestepSpacing::leading);
    EXPECT_EQ(parse(euler).timestep_spacing, TimestepSpacing::linspace);
    EXPECT_FALSE(parse(pndm).set_alpha_to_one);
    const SchedulerConfig lcm = parse(R"("_class_name": "LCMScheduler")");
    EXPECT_EQ(lcm.beta_start, 0.00085);
    EXPECT_EQ(lcm.beta_schedule, BetaSchedule::scaled_linear);
    EXPECT_EQ(lcm.original_inference_steps, 50);
}

TEST(SchedulerConfig, FieldsAreRead) {
    const SchedulerConfig config = parse(dpm + R"(, "num_train_timesteps": 500, "beta_start": 0.001, "beta_end": 0.01,
        "beta_schedule": "scaled_linear", "prediction_type": "v_prediction", "timestep_spacing": "trailing",
        "steps_offset": 3, "solver_order": 3, "solver_type": "heun", "use_karras_sigmas": true, "thresholding": true,
        "dynamic_thresholding_ratio": 0.9, "sample_max_value": 2.0, "lower_order_final": false, "euler_at_final": true,
        "final_sigmas_type": "sigma_min", "lambda_min_clipped": -5.1, "rescale_betas_zero_snr": true)");
    EXPECT_EQ(config.num_train_timesteps, 500);
    EXPECT_EQ(config.beta_start, 0.001);
    EXPECT_EQ(config.beta_end, 0.01);
    EXPECT_EQ(config.prediction_type, PredictionType::v_prediction);
    EXPECT_EQ(config.timestep_spacing, TimestepSpacing::trailing);
    EXPECT_EQ(config.steps_offset, 3);
    EXPECT_EQ(config.solver_order, 3);
    EXPECT_EQ(config.solver_type, SolverType::heun);
    EXPECT_EQ(config.sigma_schedule, SigmaSchedule::karras);
    EXPECT_TRUE(config.thresholding);
    EXPECT_EQ(config.dynamic_thresholding_ratio, 0.9);
    EXPECT_EQ(config.sample_max_value, 2.0);
    EXPECT_FALSE(config.lower_order_final);
    EXPECT_TRUE(config.euler_at_final);
    EXPECT_EQ(config.final_sigmas_type, FinalSigmas::sigma_min);
    EXPECT_EQ(config.lambda_min_clipped, -5.1);
    EXPECT_TRUE(config.rescale_betas_zero_snr);
}

TEST(SchedulerConfig, PythonsMinusInfinityIsRead) {
    EXPECT_TRUE(std::isinf(parse(dpm + R"(, "lambda_min_clipped": -Infinity)").lambda_min_clipped));
    EXPECT_EQ(refusal_of_fields(dpm + R"(, "beta_end": Infinity)"),
              "s.json: \"beta_end\" is \"Infinity\", but must be a number above 0 and below 1");
    EXPECT_EQ(refusal_of_fields(dpm + R"(, "beta_end": NaN)"),
              "s.json: \"beta_end\" is \"NaN\", but must be a number above 0 and below 1");
    // Inside a string it stays what it is.
    EXPECT_EQ(parse(ddim + R"(, "_note": "an \"Infinity\" of -Infinity")").sampler->name, "ddim");
}

TEST(SchedulerConfig, FieldsOfOtherSamplersAreLeftAside) {
    EXPECT_FALSE(parse(pndm + R"(, "clip_sample": true)").clip_sample);
    EXPECT_FALSE(parse(ddim + R"(, "skip_prk_steps": true)").skip_prk_steps);
    EXPECT_EQ(parse(ddim + R"(, "use_karras_sigmas": true)").sigma_schedule, SigmaSchedule::discrete);
}

TEST(SchedulerConfig, AnotherSamplerTakesOverWhatItShares) {
    const SchedulerConfig config =
        parse(pndm + R"(, "beta_start": 0.00085, "skip_prk_steps": true, "steps_offset": 1)", "euler");
    EXPECT_EQ(config.sampler->name, "euler");
    EXPECT_EQ(config.beta_start, 0.00085);
    EXPECT_EQ(config.steps_offset, 1);
    EXPECT_FALSE(config.skip_prk_steps);
    EXPECT_EQ(config.timestep_spacing, TimestepSpacing::linspace);
    // The solvers take each other's kinds for their own default.
    EXPECT_EQ(parse(dpm + R"(, "solver_type": "midpoint")", "unipc").solver_type, SolverType::bh2);
    EXPECT_EQ(parse(unipc + R"(, "solver_type": "bh1")", "dpmpp_2m").solver_type, SolverType::midpoint);
}

TEST(SchedulerConfig, StandardSettingsAreThoseOfStableDiffusion) {
    const SchedulerConfig config = standard_scheduler_config(sampler_kind("pndm"));
    EXPECT_EQ(config.beta_start, 0.00085);
    EXPECT_EQ(config.beta_end, 0.012);
    EXPECT_EQ(config.beta_schedule, BetaSchedule::scaled_linear);
    EXPECT_EQ(config.steps_offset, 1);
    EXPECT_TRUE(config.skip_prk_steps);
    EXPECT_FALSE(standard_scheduler_config(sampler_kind("ddim")).set_alpha_to_one);
    EXPECT_FALSE(standard_scheduler_config(sampler_kind("ddim")).clip_sample);
}

TEST(SchedulerConfig, OutdatedSettingsAreCorrectedAsThePipelinesDo) {
    SchedulerConfig config = parse(ddim);
    EXPECT_EQ(correct_for_stable_diffusion(config, false).size(), 2u);
    EXPECT_EQ(config.steps_offset, 1);
    EXPECT_FALSE(config.clip_sample);
    EXPECT_TRUE(correct_for_stable_diffusion(config, false).empty());

    SchedulerConfig masked = parse(ddim);
    correct_for_stable_diffusion(masked, true);
    EXPECT_TRUE(masked.clip_sample);
    SchedulerConfig runge_kutta = parse(pndm + R"(, "steps_offset": 1)");
    EXPECT_TRUE(correct_for_stable_diffusion(runge_kutta, false).empty());
    EXPECT_EQ(correct_for_stable_diffusion(runge_kutta, true),
              (std::vector<std::string>{"skip_prk_steps is set to true, as masks require"}));
}

TEST(SchedulerConfig, NamesOnTheCommandLineAreRefusedWithTheList) {
    EXPECT_EQ(beta_schedule_by_name("scaled_linear"), BetaSchedule::scaled_linear);
    EXPECT_EQ(sigma_schedule_by_name("karras"), SigmaSchedule::karras);
    const auto sentence = [](auto function, std::string_view name) -> std::string {
        try {
            function(name);
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::bad_request);
            return error.what();
        }
        return "it was taken";
    };
    EXPECT_EQ(sentence(beta_schedule_by_name, "cosine"),
              "`beta_schedule` cosine: use one of linear, scaled_linear, squaredcos_cap_v2");
    EXPECT_EQ(sentence(sigma_schedule_by_name, "polyexponential"),
              "`schedule` polyexponential: use one of discrete, karras, exponential, beta");
}

struct Refusal {
    std::string fields;
    std::string sentence;
};

class Refusals : public ::testing::TestWithParam<Refusal> {};

TEST_P(Refusals, SayWhatIsWrongAndWhatWouldWork) {
    EXPECT_EQ(refusal_of_fields(GetParam().fields), GetParam().sentence);
}

const std::string betas_do_not_fall =
    "with these betas over 1000 timesteps the signal does not fall from each timestep to the next: Stable Diffusion "
    "has "
    "0.00085 to 0.012 over 1000";

INSTANTIATE_TEST_SUITE_P(
    Fields, Refusals,
    ::testing::Values(
        Refusal{R"("beta_start": 0.1)",
                "s.json: it has no _class_name, so the sampler is unknown; name one with `sampler`"},
        Refusal{R"("_class_name": "FlowMatchEulerDiscreteScheduler")",
                "s.json: _class_name FlowMatchEulerDiscreteScheduler is for models trained by flow matching, "
                "which are not supported"},
        Refusal{ddim + R"(, "num_train_timesteps": 0)",
                "s.json: \"num_train_timesteps\" is 0, but must be a whole number from 1 to 100000"},
        Refusal{ddim + R"(, "num_train_timesteps": 10.5)",
                "s.json: \"num_train_timesteps\" is 10.5, but must be a whole number from 1 to 100000"},
        Refusal{ddim + R"(, "num_train_timesteps": 1e300)",
                "s.json: \"num_train_timesteps\" is 1e+300, but must be a whole number from 1 to 100000"},
        Refusal{ddim + R"(, "beta_start": 0)", "s.json: \"beta_start\" is 0, but must be a number above 0 and below 1"},
        Refusal{ddim + R"(, "beta_start": "0.1")",
                "s.json: \"beta_start\" is \"0.1\", but must be a number above 0 and below 1"},
        Refusal{
            ddim + R"(, "beta_schedule": "sigmoid")",
            "s.json: \"beta_schedule\" is \"sigmoid\", but must be one of linear, scaled_linear, squaredcos_cap_v2"},
        Refusal{ddim + R"(, "prediction_type": "flow_prediction")",
                "s.json: \"prediction_type\" is \"flow_prediction\", but must be one of epsilon, v_prediction, sample"},
        Refusal{ddim + R"(, "timestep_spacing": 5)",
                "s.json: \"timestep_spacing\" is 5, but must be one of leading, trailing, linspace"},
        Refusal{ddim + R"(, "steps_offset": -1)",
                "s.json: \"steps_offset\" is -1, but must be a whole number from 0 to 100000"},
        Refusal{ddim + R"(, "trained_betas": [])",
                "s.json: \"trained_betas\" is [], but must be null or a list of numbers above 0 and below 1"},
        Refusal{ddim + R"(, "trained_betas": [0.1, 2])",
                "s.json: \"trained_betas\" is 2, but must be a number above 0 and below 1"},
        Refusal{ddim + R"(, "trained_betas": [0.1, 0.2])",
                "trained_betas has 2 values, but num_train_timesteps is 1000: they must be equal"},
        Refusal{ddim + R"(, "thresholding": "yes")", "s.json: \"thresholding\" is \"yes\", but must be true or false"},
        Refusal{ddim + R"(, "beta_start": 0.9, "beta_end": 0.9)", betas_do_not_fall},
        Refusal{ddim + R"(, "beta_start": 1e-30, "beta_end": 1e-30)", betas_do_not_fall},
        Refusal{
            euler + R"(, "num_train_timesteps": 9441)",
            "with these betas over 9441 timesteps less signal is left than numbers can represent: Stable Diffusion has "
            "0.00085 to 0.012 over 1000"},
        Refusal{pndm + R"(, "prediction_type": "sample")",
                "the sampler pndm does not support the prediction_type sample; use another sampler, such as ddim"},
        Refusal{euler + R"(, "use_beta_sigmas": 1)", "s.json: \"use_beta_sigmas\" is 1, but must be true or false"},
        Refusal{euler + R"(, "use_karras_sigmas": true, "use_exponential_sigmas": true)",
                "s.json: \"use_karras_sigmas\" is true, but must be false, because another schedule of sigmas is "
                "already set"},
        Refusal{euler + R"(, "interpolation_type": "cubic")",
                "s.json: \"interpolation_type\" is \"cubic\", but must be one of linear, log_linear"},
        Refusal{euler + R"(, "sigma_min": -1)",
                "s.json: \"sigma_min\" is -1, but must be a number above 0 and below 1000000"},
        Refusal{R"("_class_name": "DEISMultistepScheduler", "solver_order": 4)",
                "the sampler deis goes with a solver_order of 1 to 3, not 4"},
        Refusal{R"("_class_name": "DPMSolverSinglestepScheduler", "solver_order": 4)",
                "the sampler dpmpp_2s goes with a solver_order of 1 to 3, not 4"},
        Refusal{R"("_class_name": "DPMSolverSinglestepScheduler", "algorithm_type": "sde-dpmsolver")",
                "the sampler dpmpp_2s has no algorithm_type sde-dpmsolver; use sde-dpmsolver++"},
        Refusal{R"("_class_name": "DPMSolverSinglestepScheduler", "algorithm_type": "dpmsolver")",
                "algorithm_type dpmsolver cannot step to a sigma of zero: set final_sigmas_type to sigma_min, or "
                "algorithm_type to dpmsolver++"},
        Refusal{R"("_class_name": "DPMSolverSDEScheduler", "prediction_type": "sample")",
                "the sampler dpmpp_sde does not support the prediction_type sample; use another sampler, such as ddim"},
        Refusal{R"("_class_name": "TCDScheduler", "original_inference_steps": 4)",
                "`num_inference_steps`: the sampler tcd takes at most 4 steps, the original_inference_steps of its "
                "distillation, not 5"},
        Refusal{dpm + R"(, "use_flow_sigmas": true)",
                "s.json: \"use_flow_sigmas\" is true, which is not supported (only false is)"},
        Refusal{dpm + R"(, "use_dynamic_shifting": true)",
                "s.json: \"use_dynamic_shifting\" is true, which is not supported (only false is)"},
        Refusal{
            dpm + R"(, "algorithm_type": "dpmsolver+")",
            "s.json: \"algorithm_type\" is \"dpmsolver+\", but must be one of dpmsolver++, sde-dpmsolver++, dpmsolver, "
            "sde-dpmsolver, deis"},
        Refusal{dpm + R"(, "algorithm_type": "sde-dpmsolver", "solver_order": 3, "final_sigmas_type": "sigma_min")",
                "algorithm_type sde-dpmsolver goes with a solver_order of 1 or 2, not 3"},
        Refusal{dpm + R"(, "algorithm_type": "dpmsolver")",
                "algorithm_type dpmsolver cannot step to a sigma of zero: set final_sigmas_type to sigma_min, or "
                "algorithm_type to dpmsolver++"},
        Refusal{dpm + R"(, "solver_order": 10)",
                "s.json: \"solver_order\" is 10, but must be a whole number from 1 to 9"},
        Refusal{dpm + R"(, "variance_type": "learned_range")",
                "s.json: \"variance_type\" is \"learned_range\", but must be one of fixed_small, fixed_small_log, "
                "fixed_large"},
        Refusal{unipc + R"(, "solver_p": {})", "s.json: \"solver_p\" is {}, which is not supported (only null is)"},
        Refusal{unipc + R"(, "shift_terminal": 0.1)",
                "s.json: \"shift_terminal\" is 0.1, which is not supported (only null is)"},
        Refusal{unipc + R"(, "disable_corrector": 1)",
                "s.json: \"disable_corrector\" is 1, but must be a list of whole numbers"},
        Refusal{unipc + R"(, "predict_x0": false)",
                "unipc with predict_x0 false cannot step to a sigma of zero: set final_sigmas_type to sigma_min"},
        Refusal{
            unipc + R"(, "lower_order_final": false)",
            "unipc with lower_order_final false cannot step to a sigma of zero: set final_sigmas_type to sigma_min"}));

TEST(SchedulerConfig, FieldsThatAskForNothingArePassedOver) {
    EXPECT_TRUE(notes(euler + R"(, "field_of_a_later_version": null, "another": false, "_name_or_path": "x",
        "tensor_format": "pt", "flow_shift": 3, "use_flow_sigmas": true, "beta_end": null)")
                    .empty());
    EXPECT_EQ(parse(euler + R"(, "beta_end": null)").beta_end, 0.02);
}

TEST(SchedulerConfig, UnknownFieldsAreIgnoredAndNotedInOneSentence) {
    EXPECT_EQ(notes(ddim + R"(, "beta_strat": 0.1, "aspect": "wide")"),
              std::vector<std::string>{
                  "s.json: these settings are unknown to easel and ignored: \"aspect\", \"beta_strat\""});
}

struct Fallback {
    std::string class_name, sampler;
};

class UnknownClass : public ::testing::TestWithParam<Fallback> {};

TEST_P(UnknownClass, IsDrawnWithTheNearestSamplerAndNoted) {
    const auto& [class_name, sampler] = GetParam();
    const std::string fields = R"("_class_name": ")" + class_name + R"(", "noise_sampler_seed": null)";
    const SchedulerConfig config = parse(fields);
    EXPECT_EQ(config.sampler->name, sampler);
    EXPECT_EQ(config.beta_start, 0.00085) << "what the file does not say is Stable Diffusion's";
    ASSERT_EQ(notes(fields).size(), 1U);
    EXPECT_NE(notes(fields)[0].find(class_name), std::string::npos);
    EXPECT_NO_THROW(make_sampler(make_plan(config, 20)));
    EXPECT_TRUE(parse_scheduler_config("{" + fields + "}", "s.json", &sampler_kind("euler")).notes.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Classes, UnknownClass,
    ::testing::Values(Fallback{"SASolverScheduler", "dpmpp_2m_sde"},
                      Fallback{"CosineDPMSolverMultistepScheduler", "dpmpp_2m_sde"},
                      Fallback{"KDPM2DiscreteScheduler", "heun"},
                      Fallback{"KDPM2AncestralDiscreteScheduler", "euler_a"}, Fallback{"EDMEulerScheduler", "euler"},
                      Fallback{"DDIMParallelScheduler", "ddim"}, Fallback{"CMStochasticIterativeScheduler", "lcm"},
                      Fallback{"IPNDMScheduler", "pndm"}, Fallback{"SomethingOfNextYear", "dpmpp_2m"}),
    [](const auto& tested) { return tested.param.class_name; });

TEST(SchedulerConfig, WhatIsNoObjectIsRefused) {
    try {
        parse_scheduler_config("[1]", "s.json");
        FAIL() << "it was taken";
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(), "s.json: must be a JSON object, but is array");
    }
    EXPECT_THROW(parse_scheduler_config("{", "s.json"), Error);
    EXPECT_THROW(parse_scheduler_config("", "s.json"), Error);
}

TEST(SchedulerConfig, SettingsThatOnlyShowWithTheStepsAreRefusedWithThem) {
    const auto refusal = [](const SchedulerConfig& config, int steps) -> std::string {
        try {
            make_sampler(make_plan(config, steps));
        } catch (const Error& error) {
            return error.what();
        }
        return "nothing was refused";
    };
    EXPECT_EQ(refusal(parse(ddim + R"(, "rescale_betas_zero_snr": true, "timestep_spacing": "trailing")"), 5),
              "rescale_betas_zero_snr leaves no signal at timestep 999, where an epsilon prediction says nothing: it "
              "needs prediction_type v_prediction or sample, or leading timestep_spacing");
    EXPECT_EQ(refusal(parse(dpm + R"(, "lambda_min_clipped": 100)"), 5),
              "lambda_min_clipped 100 leaves none of the model's timesteps; use a smaller one");
    EXPECT_EQ(refusal(parse(euler + R"(, "sigma_min": 2, "sigma_max": 1, "use_karras_sigmas": true)"), 5),
              "the sampler's settings have sigmas from 1 down to 2: sigma_min must be below sigma_max");
    EXPECT_EQ(refusal(parse(R"("_class_name": "LCMScheduler", "original_inference_steps": 2000)"), 5),
              "original_inference_steps is 2000, but must not exceed num_train_timesteps, 1000");
}

}  // namespace
}  // namespace easel
