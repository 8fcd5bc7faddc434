#include <cstring>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <easel/error.h>

#include "support/stages.h"
#include "train/adamw.h"
#include "train/autoencoder.h"
#include "train/flat_parameters.h"
#include "train/model.h"
#include "train/network_weights.h"
#include "train/text_encoder.h"
#include "train/unet.h"
#include "weights/checkpoint.h"

namespace easel::train {
namespace {

using testing::stages;

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

TEST(StartAsIdentity, AnswersNearlyWhatTheUNetIsGiven) {
    torch::manual_seed(1);
    UNet unet(tiny().unet.config);
    start_as_identity(unet, tiny().unet.config);
    const torch::NoGradGuard no_grad;
    const Tensor given = torch::randn({2, 4, 8, 8});
    const Tensor answer = unet(given, torch::tensor({100, 900}), torch::randn({2, 77, 32}));
    EXPECT_GT((given * answer).sum().item<double>() / (given.norm() * answer.norm()).item<double>(), 0.99);
    EXPECT_NEAR((answer.norm() / given.norm()).item<double>(), 1, 0.3);
}

TEST(TokenRows, ThatAreSplitOffAreTheOnlyOnesThatLearn) {
    auto text_encoder = load<TextEncoder>(tiny().text_encoder);
    const Tensor ids = stage("text.ids"), others = (ids + 1) % 400;
    const Tensor before = text_encoder(ids), of_others = text_encoder(others);
    text_encoder->split_rows(ids);
    EXPECT_TRUE(text_encoder(ids).equal(before));
    EXPECT_TRUE(text_encoder(others).equal(of_others));

    const Parameters parameters = parameters_of(*text_encoder);
    const Tensor& rows = parameters.at("text_model.embeddings.token_rows");
    const Tensor& table = parameters.at("text_model.embeddings.token_embedding.weight");
    EXPECT_EQ(rows.size(0), std::get<0>(torch::_unique(ids)).size(0));
    text_encoder(ids).square().sum().backward();
    EXPECT_FALSE(table.grad().defined());
    EXPECT_GT(rows.grad().abs().sum().item<double>(), 0);

    const torch::NoGradGuard no_grad;
    const Tensor learnt = text_encoder->token_table(rows + 1);
    const Tensor change = (learnt - table).abs().amax(1);
    EXPECT_TRUE(change.index_select(0, ids.flatten()).allclose(torch::ones({ids.numel()})));
    EXPECT_EQ((change > 0).sum().item<std::int64_t>(), rows.size(0));
}

TEST(AdamW, GivesEachGroupItsOwnRateAndDecay) {
    torch::manual_seed(2);
    const Tensor start = torch::randn({6}), gradient = torch::randn({6});
    Tensor together = start.clone();
    AdamW adamw(together, {.beta2 = 0.99}, {{.length = 2, .rate = 0.5}, {.length = 4, .weight_decay = 0}});
    for (int i = 0; i < 3; ++i) adamw.step(together, gradient, 0.1);
    const auto alone = [&](int begin, int length, double rate, double decay) {
        Tensor values = start.narrow(0, begin, length).clone();
        AdamW part(values, {.beta2 = 0.99}, {{.length = length, .weight_decay = decay}});
        for (int i = 0; i < 3; ++i) part.step(values, gradient.narrow(0, begin, length), rate);
        return values;
    };
    EXPECT_TRUE(together.allclose(torch::cat({alone(0, 2, 0.05, 0.01), alone(2, 4, 0.1, 0)}), 1e-6, 1e-7));
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
    const std::vector<Parameters> groups = {parameters_of(*unet)};
    FlatParameters parameters(groups);

    const Tensor predicted =
        unet(tensor(golden, "noisy_latents"), tensor(golden, "timesteps"), tensor(golden, "context"));
    const Tensor loss = torch::mse_loss(predicted, tensor(golden, "noise"));
    EXPECT_NEAR(loss.item<double>(), tensor(golden, "loss").item<double>(), 1e-5);

    loss.backward();
    AdamW adamw(parameters.values(), {}, {{.length = parameters.values().numel(), .weight_decay = 0.01}});
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
}  // namespace easel::train
