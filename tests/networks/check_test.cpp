#include "networks/check.h"

#include <gtest/gtest.h>

#include "support/files.h"

namespace easel {
namespace {

using testing::expect_says;

TensorView empty_tensor() { return {.name = "x", .dtype = DType::F16, .shape = {0}, .bytes = {}}; }

TEST(NetworkCheck, NamesWeightsThatNothingUses) {
    Checkpoint checkpoint = Checkpoint::open("golden/tiny/single/tiny.safetensors");
    EXPECT_TRUE(check_networks(checkpoint).empty());
    EXPECT_TRUE(check_networks(Checkpoint::open("golden/tiny/diffusers")).empty());
    checkpoint.unet.weights.add("time_embed.cond_proj.weight", empty_tensor(), nullptr);
    std::vector<std::string> notes = check_networks(checkpoint);
    ASSERT_EQ(notes.size(), 1u);
    expect_says(notes[0], {"tiny.safetensors", "1 tensor of the UNet is not used",
                           "model.diffusion_model.time_embed.cond_proj.weight"});
    for (int i = 0; i < 5; ++i)
        checkpoint.text_encoder.weights.add("text_model.extra." + std::to_string(i), empty_tensor(), nullptr);
    checkpoint.vae.weights.add("decoder.extra", empty_tensor(), nullptr);
    notes = check_networks(checkpoint);
    ASSERT_EQ(notes.size(), 3u);
    expect_says(notes[0], {"5 tensors of the text encoder are not used", "extra.0", "extra.2", "..."});
    EXPECT_EQ(notes[0].find("extra.3"), std::string::npos);
    expect_says(notes[2], {"1 tensor of the VAE"});
}

TEST(NetworkCheck, LeavesOutWhatNeverMatters) {
    Checkpoint checkpoint = Checkpoint::open("golden/tiny/single/tiny.safetensors");
    for (const char* name : {"text_model.embeddings.position_ids", "logit_scale", "text_projection.weight",
                             "vision_model.post_layernorm.weight"})
        checkpoint.text_encoder.weights.add(name, empty_tensor(), nullptr);
    checkpoint.unet.weights.add("model_ema.decay", empty_tensor(), nullptr);
    for (const char* name : {"loss.discriminator.main.0.weight", "encoder.extra", "model_ema.decay"})
        checkpoint.vae.weights.add(name, empty_tensor(), nullptr);
    EXPECT_TRUE(check_networks(checkpoint).empty());
}

}  // namespace
}  // namespace easel
