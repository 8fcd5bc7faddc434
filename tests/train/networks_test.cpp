#include <cstring>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <easel/error.h>

#include "support/stages.h"
#include "train/adamw.h"
#include "train/autoencoder.h"
#include "train/flat_parameters.h"
#include "train/network_weights.h"
#include "train/text_encoder.h"
#include "train/unet.h"
#include "weights/checkpoint.h"

namespace {

using namespace easel;
using namespace easel::train;
using easel::testing::stages;

/// A tensor of a golden file.
Tensor tensor(const SafetensorsFile& file, const std::string& name) {
    const TensorView& view = file.tensors().at(name);
    const auto type = view.dtype == DType::I64 ? torch::kLong : torch::kFloat;
    return torch::from_blob(const_cast<std::byte*>(view.bytes.data()), view.shape, type).clone();
}
Tensor stage(const std::string& name) { return tensor(stages(), name); }

double greatest_difference(const Tensor& ours, const Tensor& theirs) {
    return ours.sizes() == theirs.sizes() ? (ours - theirs).abs().max().item<double>() : INFINITY;
}

double relative_difference(const Tensor& ours, const Tensor& theirs) {
    return ((ours - theirs).norm() / theirs.norm()).item<double>();
}

const Checkpoint& tiny() {
    static const Checkpoint checkpoint = Checkpoint::open("golden/tiny/diffusers");
    return checkpoint;
}

template <typename Network, typename Config>
Network load(const easel::Network<Config>& stored) {
    Network network(stored.config);
    load_weights(*network, stored.weights);
    return network;
}

TEST(TrainedNetworks, TextEncoderAgreesAtEveryClipSkip) {
    const torch::NoGradGuard no_grad;
    auto text_encoder = load<TextEncoder>(tiny().text_encoder);
    for (const int left_out : {0, 1, 2})
        EXPECT_LE(greatest_difference(text_encoder(stage("text.ids"), left_out),
                                      stage(fmt::format("text.clip_skip_{}", left_out))),
                  1e-4)
            << left_out << " layers left out";
}

TEST(TrainedNetworks, SinusoidsAgree) {
    EXPECT_LE(greatest_difference(timestep_sinusoids(stage("unet.time.timesteps"), tiny().unet.config),
                                  stage("unet.time.sinusoid")),
              1e-4);
}

TEST(TrainedNetworks, UNetAgreesAtEverySizeAndTimestep) {
    const torch::NoGradGuard no_grad;
    auto unet = load<UNet>(tiny().unet);
    int compared = 0;
    for (const char* size : {"8x8", "9x7", "9x11", "12x8", "5x6"}) {
        for (const char* timestep : {"1", "500", "981", "637.25"}) {
            const std::string output = fmt::format("unet.{}.t{}.output", size, timestep);
            if (!stages().tensors().contains(output)) continue;
            const Tensor predicted = unet(stage(fmt::format("unet.{}.sample", size)),
                                          torch::full({2}, std::stod(timestep)), stage("unet.context"));
            EXPECT_LE(greatest_difference(predicted, stage(output)), 1e-3) << output;
            ++compared;
        }
    }
    EXPECT_GE(compared, 16);
}

TEST(TrainedNetworks, AutoencoderAgreesAtEverySize) {
    const torch::NoGradGuard no_grad;
    auto vae = load<Autoencoder>(tiny().vae);
    int compared = 0;
    for (const std::string size : {"8x8", "9x7", "9x11", "12x8", "5x6"}) {
        if (!stages().tensors().contains("vae." + size + ".latents")) continue;
        EXPECT_LE(
            greatest_difference(vae->decode(stage("vae." + size + ".latents")), stage("vae." + size + ".decoded")),
            1e-3)
            << size;
        const Moments moments = vae->encode(stage("vae." + size + ".picture"));
        const auto expected = stage("vae." + size + ".moments").chunk(2, 1);
        EXPECT_LE(greatest_difference(moments.mean, expected[0]), 1e-3) << size;
        EXPECT_LE(greatest_difference(moments.log_variance, expected[1].clamp(-30, 20)), 1e-3) << size;
        ++compared;
    }
    EXPECT_GE(compared, 2);
}

TEST(TrainedNetworks, GiveBackTheWeightsThatTheyWereLoadedFrom) {
    auto unet = load<UNet>(tiny().unet);
    const Weights saved = to_weights(parameters_of(*unet), "UNet", DType::F32);
    ASSERT_EQ(saved.names(), tiny().unet.weights.names());
    for (const std::string& name : saved.names()) {
        const Weight ours = saved.at(name), theirs = tiny().unet.weights.at(name);
        EXPECT_EQ(ours.shape, theirs.shape) << name;
        ASSERT_EQ(ours.bytes.size(), theirs.bytes.size()) << name;
        EXPECT_EQ(std::memcmp(ours.bytes.data(), theirs.bytes.data(), ours.bytes.size()), 0) << name;
    }
}

TEST(TrainedNetworks, RefuseWeightsOfAnotherShape) {
    UNetConfig wider = tiny().unet.config;
    wider.cross_attention_dim = 64;
    UNet unet(wider);
    try {
        load_weights(*unet, tiny().unet.weights);
        FAIL();
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(),
                     "the tensor down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight has the shape "
                     "[16, 32] where this model's configuration needs [16, 64]");
    }
}

TEST(TrainingStep, LossGradientsAndAdamWAgree) {
    const SafetensorsFile golden("golden/training_step.safetensors");
    auto unet = load<UNet>(tiny().unet);
    FlatParameters parameters(parameters_of(*unet));

    const Tensor predicted =
        unet(tensor(golden, "noisy_latents"), tensor(golden, "timesteps"), tensor(golden, "context"));
    const Tensor loss = torch::mse_loss(predicted, tensor(golden, "noise"));
    EXPECT_NEAR(loss.item<double>(), tensor(golden, "loss").item<double>(), 1e-5);

    loss.backward();
    AdamW adamw(parameters.values(), {.weight_decay = 0.01});
    const Parameters gradients = parameters.named(parameters.gradient());
    adamw.step(parameters.values(), parameters.gradient(), 1e-3);
    const Parameters after = parameters_of(*unet);
    int compared = 0;
    for (const auto& [name, expected] : golden.tensors()) {
        if (!name.starts_with("grad.")) continue;
        const std::string parameter = name.substr(5);
        EXPECT_LE(relative_difference(gradients.at(parameter), tensor(golden, name)), 1e-4) << parameter;
        EXPECT_LE(greatest_difference(after.at(parameter), tensor(golden, "after_adamw." + parameter)), 1e-5)
            << parameter;
        ++compared;
    }
    EXPECT_EQ(compared, 7);
}

}  // namespace
