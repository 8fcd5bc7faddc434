#include "weights/names.h"

#include <gtest/gtest.h>

#include "weights/checkpoint.h"

namespace easel {
namespace {

using Pair = std::pair<const char*, const char*>;

void expect_pairs(const NameTable& table, const std::vector<Pair>& pairs) {
    for (const auto& [diffusers, other] : pairs) {
        EXPECT_EQ(table.from_diffusers(diffusers), other);
        EXPECT_EQ(table.to_diffusers(other), diffusers);
    }
}

TEST(Names, NumberTheUNetsBlocksThroughAllLevelsAsTheOriginalDoes) {
    UNetConfig sd15;
    expect_pairs(original_unet_names(sd15),
                 {{"conv_in.weight", "input_blocks.0.0.weight"},
                  {"time_embedding.linear_2.bias", "time_embed.2.bias"},
                  {"down_blocks.0.resnets.0.norm1.weight", "input_blocks.1.0.in_layers.0.weight"},
                  {"down_blocks.0.resnets.1.time_emb_proj.bias", "input_blocks.2.0.emb_layers.1.bias"},
                  {"down_blocks.0.downsamplers.0.conv.weight", "input_blocks.3.0.op.weight"},
                  {"down_blocks.1.resnets.0.conv_shortcut.weight", "input_blocks.4.0.skip_connection.weight"},
                  {"down_blocks.2.attentions.1.proj_in.weight", "input_blocks.8.1.proj_in.weight"},
                  {"down_blocks.3.resnets.1.conv2.bias", "input_blocks.11.0.out_layers.3.bias"},
                  {"mid_block.attentions.0.norm.weight", "middle_block.1.norm.weight"},
                  {"mid_block.resnets.1.norm2.weight", "middle_block.2.out_layers.0.weight"},
                  {"up_blocks.0.resnets.2.conv1.weight", "output_blocks.2.0.in_layers.2.weight"},
                  {"up_blocks.0.upsamplers.0.conv.weight", "output_blocks.2.1.conv.weight"},
                  {"up_blocks.1.upsamplers.0.conv.weight", "output_blocks.5.2.conv.weight"},
                  {"up_blocks.3.attentions.2.transformer_blocks.0.attn2.to_out.0.weight",
                   "output_blocks.11.1.transformer_blocks.0.attn2.to_out.0.weight"},
                  {"conv_norm_out.weight", "out.0.weight"},
                  {"conv_out.bias", "out.2.bias"}});
}

TEST(Names, FollowTheUNetsLevelsAndLayers) {
    UNetConfig small;
    small.levels = {{.width = 32, .layers = 1, .cross_attention_down = false, .cross_attention_up = false},
                    {.width = 64, .layers = 3, .cross_attention_down = true, .cross_attention_up = true}};
    small.mid_block = MidBlock::plain;
    expect_pairs(original_unet_names(small),
                 {{"down_blocks.0.downsamplers.0.conv.bias", "input_blocks.2.0.op.bias"},
                  {"down_blocks.1.attentions.2.norm.weight", "input_blocks.5.1.norm.weight"},
                  {"mid_block.resnets.0.conv1.weight", "middle_block.0.in_layers.2.weight"},
                  {"up_blocks.0.attentions.3.norm.bias", "output_blocks.3.1.norm.bias"},
                  {"up_blocks.0.upsamplers.0.conv.weight", "output_blocks.3.2.conv.weight"},
                  {"up_blocks.1.resnets.1.conv2.weight", "output_blocks.5.0.out_layers.3.weight"}});
}

TEST(Names, CountTheVaeDecodersLevelsFromTheWidestPicture) {
    VaeConfig sd15;
    sd15.block_out_channels = {128, 256, 512, 512};
    sd15.layers_per_block = 2;
    expect_pairs(
        original_vae_names(sd15),
        {{"encoder.conv_in.weight", "encoder.conv_in.weight"},
         {"encoder.down_blocks.1.resnets.0.conv_shortcut.weight", "encoder.down.1.block.0.nin_shortcut.weight"},
         {"encoder.down_blocks.0.downsamplers.0.conv.weight", "encoder.down.0.downsample.conv.weight"},
         {"encoder.mid_block.attentions.0.to_q.weight", "encoder.mid.attn_1.q.weight"},
         {"decoder.mid_block.attentions.0.to_out.0.bias", "decoder.mid.attn_1.proj_out.bias"},
         {"decoder.mid_block.attentions.0.group_norm.bias", "decoder.mid.attn_1.norm.bias"},
         {"decoder.mid_block.resnets.1.conv1.weight", "decoder.mid.block_2.conv1.weight"},
         {"decoder.up_blocks.0.resnets.2.norm1.weight", "decoder.up.3.block.2.norm1.weight"},
         {"decoder.up_blocks.2.upsamplers.0.conv.bias", "decoder.up.1.upsample.conv.bias"},
         {"decoder.conv_norm_out.weight", "decoder.norm_out.weight"},
         {"post_quant_conv.weight", "post_quant_conv.weight"}});
}

TEST(Names, OfOlderFoldersAreKnown) {
    expect_pairs(older_vae_names(),
                 {{"encoder.mid_block.attentions.0.to_q.weight", "encoder.mid_block.attentions.0.query.weight"},
                  {"decoder.mid_block.attentions.0.to_out.0.bias", "decoder.mid_block.attentions.0.proj_attn.bias"}});
    EXPECT_EQ(older_vae_names().to_diffusers("encoder.mid_block.attentions.0.to_q.weight"),
              "encoder.mid_block.attentions.0.to_q.weight");
    expect_pairs(unprefixed_text_encoder_names(),
                 {{"text_model.encoder.layers.3.mlp.fc1.bias", "encoder.layers.3.mlp.fc1.bias"},
                  {"text_model.final_layer_norm.weight", "final_layer_norm.weight"}});
}

TEST(Names, OfAWholeModelReadBothWays) {
    const Checkpoint tiny = Checkpoint::open("golden/tiny/diffusers");
    const SafetensorsFile single("golden/tiny/single/tiny.safetensors");
    const struct {
        const Weights& weights;
        NameTable table;
        std::string prefix;
    } parts[] = {{tiny.unet.weights, original_unet_names(tiny.unet.config), "model.diffusion_model."},
                 {tiny.vae.weights, original_vae_names(tiny.vae.config), "first_stage_model."}};
    for (const auto& [weights, table, prefix] : parts) {
        for (const std::string& name : weights.names()) {
            const std::string original = table.from_diffusers(name);
            EXPECT_EQ(table.to_diffusers(original), name);
            EXPECT_TRUE(single.tensors().contains(prefix + original)) << original;
        }
    }
}

}  // namespace
}  // namespace easel
