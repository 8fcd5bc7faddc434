// Folding upsampling into its convolution changes the graph, not the numbers.
#include "networks/fold_upsampling.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "networks/graph_run.h"
#include "networks/unet.h"
#include "networks/vae.h"
#include "weights/checkpoint.h"

namespace easel {
namespace {

using testing::expect_close;
using testing::run;

using Graph = std::shared_ptr<ov::Model>;

Graph decoder(std::int64_t height, std::int64_t width) {
    const Checkpoint checkpoint = Checkpoint::open("golden/tiny/diffusers");
    Graph model = build_vae_decoder(checkpoint.vae.weights, checkpoint.vae.config);
    model->reshape(ov::PartialShape{1, checkpoint.vae.config.latent_channels, height, width});
    return model;
}

Graph unet(std::int64_t height, std::int64_t width, UNetInputs inputs = UNetInputs::shared) {
    const Checkpoint checkpoint = Checkpoint::open("golden/tiny/diffusers");
    const UNetConfig& config = checkpoint.unet.config;
    Graph model = build_unet(checkpoint.unet.weights, config, {.inputs = inputs});
    model->reshape({{model->input("sample"), {1, config.in_channels, height, width}},
                    {model->input("encoder_hidden_states"), {2, 77, config.cross_attention_dim}}});
    return model;
}

TEST(FoldUpsampling, DecoderGivesThePictureOfThePlainOne) {
    for (const auto& [height, width] : {std::pair{8, 8}, std::pair{5, 7}}) {
        const Graph folded = decoder(height, width);
        EXPECT_EQ(fold_upsampling(folded, ov::element::f32), 3);
        expect_close(run(decoder(height, width)), run(folded), 2e-5f);
    }
}

TEST(FoldUpsampling, UNetGivesThePredictionOfThePlainOne) {
    const Graph folded = unet(8, 12);
    EXPECT_EQ(fold_upsampling(folded, ov::element::f32), 2);
    expect_close(run(unet(8, 12)), run(folded), 2e-5f);
}

// Nine rows become five and three on the way down: neither way back is a doubling.
TEST(FoldUpsampling, LevelsThatDoNotDoubleAreLeftAlone) {
    const Graph odd = unet(9, 12);
    EXPECT_EQ(fold_upsampling(odd, ov::element::f32), 0);
    const Graph half_odd = unet(10, 12);
    EXPECT_EQ(fold_upsampling(half_odd, ov::element::f32), 1);
    expect_close(run(unet(10, 12)), run(half_odd), 2e-5f);
}

TEST(FoldUpsampling, StoresTheSumsInTheTypeThatIsAskedFor) {
    const Graph folded = decoder(8, 8);
    fold_upsampling(folded, ov::element::bf16);
    const auto plain = run(decoder(8, 8)), rounded = run(folded);
    float greatest = 0.0f;
    for (std::size_t i = 0; i < plain.size(); ++i) greatest = std::max(greatest, std::abs(plain[i] - rounded[i]));
    EXPECT_GT(greatest, 1e-4f);
    EXPECT_LT(greatest, 5e-2f);
}

TEST(UNetInputs, RowsOfTheirOwnFromTheBeginningChangeNothing) {
    expect_close(run(unet(8, 8, UNetInputs::shared)), run(unet(8, 8, UNetInputs::repeated)), 2e-5f);
}

}  // namespace
}  // namespace easel
