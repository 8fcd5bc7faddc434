#include "adapters/lora_keys.h"

#include <gtest/gtest.h>

namespace easel {
namespace {

void expect_key(std::string_view name, const std::string& layer, const std::string& part) {
    const LoraKey key = lora_key(name);
    EXPECT_EQ(key.layer, layer) << name;
    EXPECT_EQ(key.part, part) << name;
}

TEST(LoraKeys, OfKohyaEndAtTheFirstDot) {
    expect_key("lora_unet_mid_block_attentions_0_proj_in.lora_down.weight", "lora_unet_mid_block_attentions_0_proj_in",
               "lora_down.weight");
    expect_key("lora_te_text_model_encoder_layers_0_mlp_fc1.alpha", "lora_te_text_model_encoder_layers_0_mlp_fc1",
               "alpha");
    expect_key("lora_unet_conv_in", "lora_unet_conv_in", "");
}

TEST(LoraKeys, OfDiffusersGetKohyasParts) {
    expect_key("unet.conv_in.lora_A.weight", "unet.conv_in", "lora_down.weight");
    expect_key("unet.conv_in.lora_B.weight", "unet.conv_in", "lora_up.weight");
    expect_key("unet.a.to_q.lora.down.weight", "unet.a.to_q", "lora_down.weight");
    expect_key("text_encoder.b.lora_linear_layer.up.weight", "text_encoder.b", "lora_up.weight");
    expect_key("unet.a.lora_magnitude_vector", "unet.a", "dora_scale");
    expect_key("unet.a.alpha", "unet.a", "alpha");
}

TEST(LoraKeys, OfOldProcessorsNameTheLayersOfAnAttention) {
    expect_key("unet.m.attn1.processor.to_out_lora.down.weight", "unet.m.attn1.to_out.0", "lora_down.weight");
    expect_key("text_encoder.text_model.encoder.layers.0.self_attn.to_q_lora.up.weight",
               "text_encoder.text_model.encoder.layers.0.self_attn.q_proj", "lora_up.weight");
}

TEST(LoraKeys, WithoutANetworkAreOfTheUNet) {
    expect_key("m.attn1.processor.to_k_lora.up.weight", "unet.m.attn1.to_k", "lora_up.weight");
    expect_key("m.to_k.lora_A.weight", "unet.m.to_k", "lora_down.weight");
}

}  // namespace
}  // namespace easel
