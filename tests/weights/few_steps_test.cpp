#include "weights/few_steps.h"

#include <gtest/gtest.h>

namespace easel {
namespace {

std::optional<FewSteps> of(std::string_view name, Family family = Family::stable_diffusion_1) {
    return few_steps_of(name, family, std::nullopt, false);
}

TEST(FewSteps, AreToldByAWordOfTheName) {
    for (const char* name : {"sd-turbo", "SD_Turbo", "turbo", "my turbo v2", "DreamShaperXL.Turbo"})
        EXPECT_EQ(of(name).value().what, "a Turbo model") << name;
    EXPECT_EQ(of("LCM_Dreamshaper_v7").value().what, "an LCM");
    EXPECT_EQ(of("sdxl_lightning").value().steps, 4);
    EXPECT_EQ(of("TCD-SD15-LoRA").value().sampler, "tcd");
    EXPECT_EQ(of("Hyper-SD15").value().sampler, "ddim");
    for (const char* name :
         {"", "v1-5-pruned", "turbocharged", "hyperrealism", "hyper-realistic_v2", "lcmx", "lightnings"})
        EXPECT_FALSE(of(name)) << name;
}

TEST(FewSteps, AreAsManyAsTheNameSays) {
    EXPECT_EQ(of("sdxl_lightning_2step").value().steps, 2);
    EXPECT_EQ(of("Hyper-SDXL-8steps-lora").value().steps, 8);
    EXPECT_EQ(of("turbo_4_steps").value().steps, 4);
    EXPECT_EQ(of("turbo_1000steps").value().steps, 1);
    EXPECT_EQ(of("turbo_0steps").value().steps, 1);
    EXPECT_EQ(of("turbo 4stepping").value().steps, 1);
}

TEST(FewSteps, AreToldByTheSchedulerAndByTheUNet) {
    EXPECT_EQ(few_steps_of("model", Family::stable_diffusion_1, R"({"_class_name": "LCMScheduler"})", false)
                  .value()
                  .guidance_scale,
              1.0);
    EXPECT_EQ(few_steps_of("model", Family::stable_diffusion_1, std::nullopt, true).value().guidance_scale, 8.5);
    EXPECT_FALSE(few_steps_of("model", Family::stable_diffusion_1, R"({"_class_name": "DDIMScheduler"})", false));
    EXPECT_FALSE(few_steps_of("model", Family::stable_diffusion_1, "not JSON", false));
    EXPECT_FALSE(few_steps_of("model", Family::stable_diffusion_1, "[]", false));
}

// huggingface.co/ByteDance/Hyper-SD: the LoRA "of one step" draws with 1 to 8, by TCD with an eta of 1.
TEST(FewSteps, OfHyperSDsUnifiedLoraAreOfTcd) {
    for (const char* name : {"Hyper-SD15-1step-lora", "Hyper-SDXL-1step-lora"}) {
        const FewSteps few = of(name).value();
        EXPECT_EQ(few.sampler, "tcd");
        EXPECT_EQ(few.timestep_spacing, "");
        EXPECT_EQ(few.steps, 1);
        EXPECT_EQ(few.eta, 1.0);
    }
    for (const char* name : {"Hyper-SDXL-1step-Unet", "Hyper-SDXL-4steps-lora"}) {
        EXPECT_EQ(of(name).value().sampler, "ddim") << name;
        EXPECT_FALSE(of(name).value().eta) << name;
    }
}

TEST(FewSteps, OfHyperSDsLorasThatKeepGuidanceAreGuided) {
    EXPECT_EQ(of("Hyper-SD15-8steps-CFG-lora").value().guidance_scale, 5.0);
    EXPECT_EQ(of("Hyper-SDXL-8steps-lora").value().guidance_scale, 1.0);
}

TEST(FewSteps, OfStableDiffusionXLTurboAreOfItsSampler) {
    EXPECT_EQ(of("sdxl-turbo", Family::stable_diffusion_xl).value().sampler, "euler_a");
    EXPECT_EQ(of("sd-turbo", Family::stable_diffusion_2).value().sampler, "euler");
}

}  // namespace
}  // namespace easel
