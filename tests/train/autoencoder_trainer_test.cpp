#include "train/autoencoder_trainer.h"

#include <gtest/gtest.h>

#include "support/files.h"
#include "train/colours.h"
#include "train/model.h"
#include "weights/checkpoint_writer.h"

namespace easel::train {
namespace {

using testing::sentence_of;
using testing::TemporaryFolder;

VaeConfig small_config() { return {.block_out_channels = {8, 16}, .norm_num_groups = 4}; }

TEST(AutoencoderTrainer, LearnsToGiveBackPicturesWithLatentsOfDeviationOne) {
    torch::set_num_threads(1);
    const TemporaryFolder folder;
    easel::testing::write_colours(folder / "data", 16);
    const DataFile data(folder / "data");
    StartingAutoencoder start = fresh_autoencoder(small_config(), 1);
    const AutoencoderOptions options{
        .training = {.steps = 150, .batch = 4, .learning_rate = 5e-3, .warmup_steps = 10, .average_horizon = 20}};
    AutoencoderTrainer trainer(start.vae, start.config, data, options, torch::kCPU);
    const double first = trainer.step(0).loss;
    double last = first;
    for (int step = 1; step < 150; ++step) last = trainer.step(step).loss;
    EXPECT_LT(last, 0.3 * first);

    write_vae(trainer.averaged(DType::F32), folder / "vae");
    StartingAutoencoder written = open_autoencoder(folder / "vae");
    const torch::NoGradGuard no_grad;
    const Tensor pictures = data.pictures(torch::arange(4));
    const Moments moments = written.vae->encode(pictures);
    EXPECT_LT((written.vae->decode(moments.mean) - pictures).abs().mean().item<double>(), 0.25);
    for (int channel = 0; channel < written.config.latent_channels; ++channel) {
        const Tensor means = moments.mean.select(1, channel);
        const double variance = means.var(/*unbiased=*/false).item<double>() +
                                moments.log_variance.select(1, channel).exp().mean().item<double>();
        EXPECT_NEAR(means.mean().item<double>() * written.config.scaling_factor, 0, 1e-3) << channel;
        EXPECT_NEAR(std::sqrt(variance) * written.config.scaling_factor, 1, 1e-3) << channel;
    }
    EXPECT_EQ(written.config.scaling_factor, 0.18215);
}

TEST(AutoencoderTrainer, MeasuresOneScaleWhereNoConvolutionIsNextToTheLatents) {
    const TemporaryFolder folder;
    easel::testing::write_colours(folder / "data", 16);
    const DataFile data(folder / "data");
    VaeConfig config = small_config();
    config.use_quant_conv = config.use_post_quant_conv = false;
    StartingAutoencoder start = fresh_autoencoder(config, 1);
    AutoencoderTrainer trainer(start.vae, start.config, data, {.training = {.steps = 1, .batch = 4}}, torch::kCPU);
    write_vae(trainer.averaged(DType::F32), folder / "vae");
    StartingAutoencoder written = open_autoencoder(folder / "vae");
    const torch::NoGradGuard no_grad;
    const Moments moments = written.vae->encode(data.pictures(torch::arange(4)));
    const double variance = moments.mean.var().item<double>() + moments.log_variance.exp().mean().item<double>();
    EXPECT_NEAR(std::sqrt(variance) * written.config.scaling_factor, 1, 1e-3);
}

TEST(AutoencoderTrainer, RefusesPicturesThatDoNotFit) {
    const TemporaryFolder folder;
    easel::testing::write_colours(folder / "data", 15);
    const DataFile data(folder / "data");
    StartingAutoencoder start = fresh_autoencoder(small_config(), 1);
    const std::string sentence =
        sentence_of([&] { AutoencoderTrainer(start.vae, start.config, data, {}, torch::kCPU); });
    EXPECT_NE(sentence.find("its pictures have 15 x 15 pixels, and this model's autoencoder needs multiples of 2"),
              std::string::npos)
        << sentence;
}

TEST(ReconstructionError, IsZeroForTheSamePictureAndCountsEdges) {
    const Tensor picture = torch::rand({1, 3, 8, 8});
    EXPECT_EQ(reconstruction_error(picture, picture).item<double>(), 0);
    // A shift of all values has no edges: the absolute and the squared error are left.
    EXPECT_NEAR(reconstruction_error(picture + 0.5, picture).item<double>(), 0.75, 1e-5);
}

TEST(KlDivergence, IsZeroForTheStandardNormalDistribution) {
    const Tensor zero = torch::zeros({2, 4, 2, 2});
    EXPECT_EQ(kl_divergence({.mean = zero, .log_variance = zero}).abs().max().item<double>(), 0);
    EXPECT_NEAR(kl_divergence({.mean = zero + 1, .log_variance = zero})[0].item<double>(), 0.5, 1e-6);
}

}  // namespace
}  // namespace easel::train
