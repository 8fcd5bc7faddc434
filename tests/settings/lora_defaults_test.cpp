// What LoRAs that distill a model to few steps are drawn with.
#include "settings/lora_defaults.h"

#include <gtest/gtest.h>

#include "diffusion/sampler_kind.h"
#include "pipeline/open_networks.h"
#include "settings/settings.h"
#include "support/files.h"

namespace easel {
namespace {

Settings settings_with(const char* lora, double weight = 1.0, Request request = {}) {
    request.loras = {{lora, weight}};
    return complete(request, open_networks("golden/tiny/diffusers").facts, {});
}

TEST(LoraDefaults, AreToldByTheFilesName) {
    const Settings settings = settings_with("LCM_LoRA_SD15.safetensors");
    EXPECT_EQ(settings.num_inference_steps, 4);
    EXPECT_EQ(settings.guidance_scale, 1.0);
    EXPECT_EQ(settings.plan.config.sampler->name, "lcm");
    testing::expect_says(settings.model_notes.front(), {"LCM_LoRA_SD15.safetensors", "lcm, 4 steps", "guidance of 1"});
    const Settings hyper = settings_with("Hyper-SD15-8steps-lora.safetensors");
    EXPECT_EQ(hyper.num_inference_steps, 8);
    EXPECT_EQ(hyper.plan.config.sampler->name, "ddim");
    EXPECT_EQ(hyper.plan.config.timestep_spacing, TimestepSpacing::trailing);
}

TEST(LoraDefaults, AreTheEtaThatIsPublishedToo) {
    const Settings hyper = settings_with("Hyper-SD15-1step-lora.safetensors");
    EXPECT_EQ(hyper.plan.config.sampler->name, "tcd");
    EXPECT_EQ(hyper.num_inference_steps, 1);
    EXPECT_EQ(hyper.eta, 1.0);
    testing::expect_says(hyper.model_notes.front(), {"tcd, 1 step", "an eta of 1"});
    EXPECT_EQ(settings_with("Hyper-SD15-1step-lora.safetensors", 1.0, {.eta = 0.5}).eta, 0.5);
    EXPECT_EQ(settings_with("Hyper-SD15-1step-lora.safetensors", 1.0, {.sampler = "tcd"}).eta, 0.3);
    EXPECT_EQ(settings_with("TCD-SD15-LoRA.safetensors").eta, 0.3);
}

TEST(LoraDefaults, LeaveWhatIsAskedFor) {
    const Settings settings = settings_with("lcm.safetensors", 1.0, {.num_inference_steps = 7, .sampler = "euler"});
    EXPECT_EQ(settings.num_inference_steps, 7);
    EXPECT_EQ(settings.plan.config.sampler->name, "euler");
    EXPECT_EQ(settings.guidance_scale, 1.0);
}

TEST(LoraDefaults, AreNoneOfOtherLorasAndOfALittle) {
    EXPECT_EQ(settings_with("pastel_style.safetensors").num_inference_steps, 32);
    EXPECT_EQ(settings_with("lcm.safetensors", 0.1).num_inference_steps, 32);
}

TEST(LoraDefaults, TakeAStepFromAPicture) {
    const Request request{.init_image = Picture{8, 8, std::vector<std::uint8_t>(192)}, .strength = 0.1};
    EXPECT_EQ(settings_with("lcm.safetensors", 1.0, request).num_inference_steps, 10);
}

}  // namespace
}  // namespace easel
