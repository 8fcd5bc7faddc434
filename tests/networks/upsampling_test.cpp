// Folding upsampling into its convolution changes the graph, not the numbers.
#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>
#include <openvino/runtime/core.hpp>
#include <openvino/runtime/infer_request.hpp>
#include <openvino/runtime/properties.hpp>

#include "networks/vae.h"
#include "weights/checkpoint.h"

namespace easel {
namespace {

std::vector<float> decode(const Checkpoint& checkpoint, nn::Upsampling upsampling, int height, int width) {
    const auto model = build_vae_decoder(checkpoint.vae.weights, checkpoint.vae.config, upsampling);
    model->reshape(ov::PartialShape{1, checkpoint.vae.config.latent_channels, height, width});
    ov::Core core;
    auto request =
        core.compile_model(model, "CPU", ov::hint::inference_precision(ov::element::f32)).create_infer_request();
    ov::Tensor latents = request.get_input_tensor();
    std::mt19937 generator(5);
    std::normal_distribution<float> normal;
    std::generate_n(latents.data<float>(), latents.get_size(), [&] { return normal(generator); });
    request.infer();
    const ov::Tensor picture = request.get_output_tensor();
    return {picture.data<float>(), picture.data<float>() + picture.get_size()};
}

TEST(Upsampling, FoldedDecoderGivesThePictureOfThePlainOne) {
    const Checkpoint checkpoint = Checkpoint::open("golden/tiny/diffusers");
    for (const auto [height, width] : {std::pair{8, 8}, std::pair{5, 7}}) {
        const auto plain = decode(checkpoint, nn::Upsampling::plain, height, width);
        const auto folded = decode(checkpoint, nn::Upsampling::folded, height, width);
        ASSERT_EQ(plain.size(), folded.size());
        float greatest = 0.0f;
        for (std::size_t i = 0; i < plain.size(); ++i) greatest = std::max(greatest, std::abs(plain[i] - folded[i]));
        EXPECT_LE(greatest, 2e-5f);
    }
}

}  // namespace
}  // namespace easel
