#include "train/data_file.h"

#include <gtest/gtest.h>

#include "support/files.h"

namespace easel::train {
namespace {

using testing::sentence_of;
using testing::TemporaryFolder;

const std::vector<CaptionedPicture> two_pictures = {
    {.pixels = {0, 51, 102, 153, 204, 255}, .captions = {"a", "b c"}},
    {.pixels = {255, 255, 255, 0, 0, 0}, .captions = {"ä"}},
};

TEST(DataFile, GivesBackPicturesAndCaptions) {
    const TemporaryFolder folder;
    write_data_file(folder / "data", 1, 2, two_pictures, OutputFile::IfExists::refuse);
    const DataFile data(folder / "data");
    EXPECT_EQ(data.count(), 2);
    EXPECT_EQ(data.captions(), (std::vector<std::string>{"a", "b c", "ä"}));
    EXPECT_EQ(data.caption_begins(), (std::vector<std::int64_t>{0, 2, 3}));
    const torch::Tensor first = data.pictures(torch::tensor({0}, torch::kLong));
    EXPECT_EQ(first.sizes().vec(), (std::vector<std::int64_t>{1, 3, 1, 2}));
    EXPECT_NEAR(first[0][1][0][0].item<double>(), 51 / 127.5 - 1, 1e-6);
    EXPECT_NEAR(data.pictures(torch::tensor({1}, torch::kLong))[0][2][0][1].item<double>(), -1, 1e-6);
}

TEST(DataFile, IsNotWrittenOfPicturesThatAreNotWhole) {
    const TemporaryFolder folder;
    const auto write = [&](std::vector<CaptionedPicture> pictures) {
        return sentence_of([&] { write_data_file(folder / "data", 1, 2, pictures, OutputFile::IfExists::refuse); });
    };
    EXPECT_NE(write({}).find("there are no pictures"), std::string::npos);
    EXPECT_NE(write({{.pixels = {1, 2, 3}, .captions = {"a"}}}).find("is not of 2 x 1 pixels"), std::string::npos);
    EXPECT_NE(write({{.pixels = {1, 2, 3, 4, 5, 6}}}).find("has no caption"), std::string::npos);
    EXPECT_EQ(folder.entries(), 0);
}

struct Tensors {
    std::vector<std::uint8_t> pixels = std::vector<std::uint8_t>(12), text = {'a', 'b', 'c'};
    std::vector<std::int64_t> ends = {1, 3}, pictures = {0, 1};
    std::vector<std::int64_t> shape = {2, 1, 2, 3};
};

std::string sentence_about(const Tensors& t) {
    const TemporaryFolder folder;
    const auto of = [](const auto& values) { return std::as_bytes(std::span(values)); };
    const std::vector<TensorView> views = {
        {.name = "pictures", .dtype = DType::U8, .shape = t.shape, .bytes = of(t.pixels)},
        {.name = "captions",
         .dtype = DType::U8,
         .shape = {static_cast<std::int64_t>(t.text.size())},
         .bytes = of(t.text)},
        {.name = "caption_ends",
         .dtype = DType::I64,
         .shape = {static_cast<std::int64_t>(t.ends.size())},
         .bytes = of(t.ends)},
        {.name = "caption_pictures",
         .dtype = DType::I64,
         .shape = {static_cast<std::int64_t>(t.pictures.size())},
         .bytes = of(t.pictures)},
    };
    write_safetensors(folder / "data", views);
    return sentence_of([&] { DataFile data(folder / "data"); });
}

TEST(DataFile, RefusesWhatDoesNotFitTogether) {
    EXPECT_NE(sentence_about({.ends = {3, 1}}).find("do not follow each other"), std::string::npos);
    EXPECT_NE(sentence_about({.ends = {1, 4}}).find("do not follow each other"), std::string::npos);
    EXPECT_NE(sentence_about({.ends = {-1, 3}}).find("do not follow each other"), std::string::npos);
    EXPECT_NE(sentence_about({.ends = {3}}).find("have no picture each"), std::string::npos);
    EXPECT_NE(sentence_about({.pictures = {1, 0}}).find("not in the order"), std::string::npos);
    EXPECT_NE(sentence_about({.pictures = {0, 2}}).find("not in the order"), std::string::npos);
    EXPECT_NE(sentence_about({.pictures = {0, 0}}).find("not every picture has a caption"), std::string::npos);
    EXPECT_NE(sentence_about({.shape = {3, 1, 4, 1}}).find("holds no pictures in RGB"), std::string::npos);
}

TEST(DataFile, RefusesAnotherSafetensorsFile) {
    EXPECT_NE(sentence_of([] { DataFile data("golden/stages.safetensors"); }).find("no data file to train with"),
              std::string::npos);
}

}  // namespace
}  // namespace easel::train
