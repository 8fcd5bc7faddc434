// Pictures that prompt, against diffusers.
#include "weights/ip_adapter_file.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/files.h"
#include "support/stages.h"
#include "weights/floats.h"

namespace easel {
namespace {

const std::string adapters = "golden/adapters/";
const std::string file = adapters + "ip_adapter/ip_adapter.safetensors";

UNetConfig tiny_unet() { return open_unet("golden/tiny/diffusers").config; }

TEST(IpAdapterFiles, MakeTokensOfAnEmbedding) {
    const IpAdapterFile adapter = open_ip_adapter(file, tiny_unet());
    EXPECT_EQ(adapter.tokens, 4);
    const std::vector<float> embedding = read_image_embedding(adapters + "ip_adapter/image_embeds.safetensors", 24);
    const SafetensorsFile expected(adapters + "ip_adapter_stages.safetensors");
    EXPECT_LE(testing::greatest_difference(image_tokens(adapter, embedding),
                                           testing::values_of<float>(expected, "ip_adapter.tokens")),
              1e-5F);
}

// The tiny UNet has 4 cross attentions on the way down and 6 on the way up.
TEST(IpAdapterFiles, CountTheMiddleLast) {
    const IpAdapterFile adapter = open_ip_adapter(file, tiny_unet());
    const SafetensorsFile stored(file);
    const auto first = [&](const std::string& block, int number) {
        const Weight weight = adapter.weights.at(block + ".attentions.0.transformer_blocks.0.attn2.to_k_ip.weight");
        const TensorView& expected = stored.tensors().at("ip_adapter." + std::to_string(number) + ".to_k_ip.weight");
        EXPECT_EQ(floats_of(weight.bytes, weight.dtype), floats_of(expected.bytes, expected.dtype)) << block;
    };
    first("down_blocks.0", 1);
    first("up_blocks.1", 9);
    first("mid_block", 21);
}

TEST(IpAdapterFiles, ThatDoNotFitAreRefused) {
    const auto refusal = [](const std::string& path, const UNetConfig& unet) {
        return testing::sentence_of([&] { open_ip_adapter(path, unet); });
    };
    UNetConfig wide = tiny_unet();
    wide.cross_attention_dim = 64;
    testing::expect_says(refusal(file, wide), {"ip_adapter.safetensors", "another family"});
    UNetConfig deep = tiny_unet();
    deep.levels.front().layers = 3;
    testing::expect_says(refusal(file, deep), {"ip_adapter.safetensors"});
    testing::expect_says(refusal(adapters + "loras/kohya.safetensors", tiny_unet()),
                         {"is a LoRA", "an IP-Adapter is expected"});
    testing::expect_says(refusal("nowhere.safetensors", tiny_unet()), {"nowhere.safetensors"});
    testing::expect_says(
        testing::sentence_of([] { read_image_embedding(adapters + "ip_adapter/image_embeds.safetensors", 1024); }),
        {"24 numbers", "1024"});
    testing::expect_says(testing::sentence_of([] { read_image_embedding(file, 24); }), {"tensors, where one is"});
}

}  // namespace
}  // namespace easel
