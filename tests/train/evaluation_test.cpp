#include "train/evaluation.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include <easel/easel.h>

#include "support/files.h"
#include "train/colours.h"
#include "train/sample.h"

namespace easel::train {
namespace {

using testing::colours_side;
using testing::TemporaryFolder;

constexpr const char* tiny_folder = "golden/tiny/diffusers";

class Evaluation : public ::testing::Test {
  protected:
    Evaluation() : data(write(folder / "data")), model(open_model(tiny_folder)) { torch::set_num_threads(1); }

    static std::filesystem::path write(const std::filesystem::path& path) {
        easel::testing::write_colours(path, colours_side);
        return path;
    }

    TemporaryFolder folder;
    DataFile data;
    Model model;
};

TEST_F(Evaluation, ChoosesTheSamePicturesEachTime) {
    const Tensor three = chosen_pictures(data, 3);
    EXPECT_EQ(three.size(0), 3);
    EXPECT_TRUE(three.equal(chosen_pictures(data, 3)));
    const Tensor all = std::get<0>(chosen_pictures(data, 100).sort());
    EXPECT_TRUE(all.equal(torch::arange(4)));
    EXPECT_EQ(chosen_pictures(data, 0).size(0), 0);
}

TEST_F(Evaluation, PsnrIsThatOfWhatTheAutoencoderGivesBack) {
    const Tensor pictures = torch::arange(4);
    const Tensor decoded = through_autoencoder(model.vae, data, pictures, torch::kCPU, {});
    double sum = 0;
    for (int i = 0; i < 4; ++i) {
        const double error = ((decoded[i] - data.pictures(pictures)[i]) / 2).square().mean().item<double>();
        sum += -10 * std::log10(error);
    }
    EXPECT_NEAR(psnr(model.vae, data, pictures, torch::kCPU, {}), sum / 4, 1e-3);
}

TEST_F(Evaluation, LossesAreTheSameEachTimeWhateverIsMeasuredWithThem) {
    const auto measure = [&] { return losses_by_timestep(model, data, torch::arange(4), torch::kCPU, {}); };
    const std::array<double, 10> losses = measure();
    EXPECT_EQ(losses, measure());
    for (const double loss : losses) EXPECT_TRUE(loss > 0.1 && loss < 10) << loss;
}

TEST_F(Evaluation, SamplesAreThePicturesOfTheEngine) {
    const std::vector<std::string> prompts = {"red"};
    const Tensor drawn = sample(
        model, prompts, {.height = colours_side, .width = colours_side, .steps = 4, .guidance_scale = 3, .seed = 5},
        torch::kCPU, {});
    const std::vector<std::uint8_t> ours = to_pixels(drawn[0]);
    Engine engine({.model = tiny_folder, .precision = "f32"});
    const Result result = engine.generate({.prompt = "red",
                                           .width = colours_side,
                                           .height = colours_side,
                                           .num_inference_steps = 4,
                                           .guidance_scale = 3,
                                           .seed = 5});
    ASSERT_EQ(ours.size(), result.picture.pixels.size());
    int greatest = 0;
    for (std::size_t i = 0; i < ours.size(); ++i)
        greatest = std::max(greatest, std::abs(int{ours[i]} - int{result.picture.pixels[i]}));
    EXPECT_LE(greatest, 2);
}

TEST(Likeness, CountsWhatIsNearestToThePictureMeant) {
    torch::manual_seed(1);
    const Tensor gallery = torch::rand({20, 3, 32, 32}) * 2 - 1;
    const Tensor all = thumbnails(gallery), places = torch::tensor({3, 7});
    const Tensor meant = gallery.index_select(0, places);
    const Likeness same = likeness(meant, meant, all, places);
    EXPECT_EQ(same.top1, 1);
    EXPECT_EQ(same.top5, 1);
    EXPECT_NEAR(same.edges, 1, 1e-6);
    // One is drawn, and for the other a picture that none is as far from as the one meant.
    const Tensor one_wrong = torch::stack({meant[0], -meant[1]});
    EXPECT_EQ(likeness(one_wrong, meant, all, places).top1, 0.5);
    EXPECT_EQ(likeness(one_wrong, meant, all, places).top5, 0.5);
    EXPECT_NEAR(likeness(meant / 2, meant, all, places).edges, 0.5, 1e-6);
}

TEST(Thumbnails, AreMeansFrom0To1) {
    const Tensor picture = torch::cat({torch::full({1, 3, 64, 32}, -1.0), torch::full({1, 3, 64, 32}, 3.0)}, 3);
    const Tensor small = thumbnails(picture);
    EXPECT_EQ(small.sizes().vec(), (std::vector<std::int64_t>{1, 3072}));
    EXPECT_EQ(small[0][0].item<double>(), 0);
    EXPECT_EQ(small[0][31].item<double>(), 1);
}

TEST(Pixels, GoThroughTensorsUnchanged) {
    std::vector<std::uint8_t> pixels(4 * 64 * 3);
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i);
    EXPECT_EQ(to_pixels(to_tensor(pixels, 4, 64)), pixels);
}

}  // namespace
}  // namespace easel::train
