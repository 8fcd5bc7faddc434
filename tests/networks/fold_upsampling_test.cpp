// Folding upsampling into its convolution changes the graph, not the numbers.
#include "networks/fold_upsampling.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>
#include <openvino/runtime/core.hpp>
#include <openvino/runtime/infer_request.hpp>
#include <openvino/runtime/properties.hpp>

#include "networks/unet.h"
#include "networks/vae.h"
#include "weights/checkpoint.h"

namespace easel {
namespace {

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
    Graph model = build_unet(checkpoint.unet.weights, config, inputs);
    model->reshape({{model->input("sample"), {1, config.in_channels, height, width}},
                    {model->input("encoder_hidden_states"), {2, 77, config.cross_attention_dim}}});
    return model;
}

/// The output for normal random numbers in every input, the same ones each time.
std::vector<float> run(const Graph& model) {
    ov::Core core;
    auto request =
        core.compile_model(model, "CPU", ov::hint::inference_precision(ov::element::f32)).create_infer_request();
    std::mt19937 generator(5);
    std::normal_distribution<float> normal;
    for (std::size_t i = 0; i < model->inputs().size(); ++i) {
        ov::Tensor values = request.get_input_tensor(i);
        std::generate_n(values.data<float>(), values.get_size(), [&] { return normal(generator); });
    }
    request.infer();
    const ov::Tensor output = request.get_output_tensor();
    return {output.data<float>(), output.data<float>() + output.get_size()};
}

void expect_close(const std::vector<float>& a, const std::vector<float>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], 2e-5f) << "at " << i;
}

TEST(FoldUpsampling, DecoderGivesThePictureOfThePlainOne) {
    for (const auto [height, width] : {std::pair{8, 8}, std::pair{5, 7}}) {
        const Graph folded = decoder(height, width);
        EXPECT_EQ(fold_upsampling(folded, ov::element::f32), 3);
        expect_close(run(decoder(height, width)), run(folded));
    }
}

TEST(FoldUpsampling, UNetGivesThePredictionOfThePlainOne) {
    const Graph folded = unet(8, 12);
    EXPECT_EQ(fold_upsampling(folded, ov::element::f32), 2);
    expect_close(run(unet(8, 12)), run(folded));
}

// Nine rows become five and three on the way down: neither way back is a doubling.
TEST(FoldUpsampling, LevelsThatDoNotDoubleAreLeftAlone) {
    const Graph odd = unet(9, 12);
    EXPECT_EQ(fold_upsampling(odd, ov::element::f32), 0);
    const Graph half_odd = unet(10, 12);
    EXPECT_EQ(fold_upsampling(half_odd, ov::element::f32), 1);
    expect_close(run(unet(10, 12)), run(half_odd));
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
    expect_close(run(unet(8, 8, UNetInputs::shared)), run(unet(8, 8, UNetInputs::repeated)));
}

}  // namespace
}  // namespace easel
