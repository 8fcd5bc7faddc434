// Networks that enlarge pictures, against spandrel's.
#include "pipeline/upscaler.h"

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "pictures/read.h"
#include "pipeline/cases.h"
#include "pipeline/lora_cases.h"
#include "support/files.h"

namespace easel {
namespace {

using testing::adapters;

Picture expected(const std::string& name) { return read_picture(adapters + "upscale/" + name + ".png"); }

class Upscalers : public ::testing::Test {
  protected:
    Picture enlarged_by(const std::string& name, const Picture& picture, const Tiles& tiles = {}) {
        return Upscaler(adapters + "upscalers/" + name + ".safetensors", runtime).enlarge(picture, tiles, {}, {});
    }
    Runtime runtime{{.precision = "f32"}};
};

TEST_F(Upscalers, OfEachKindAndSpellingAgree) {
    const Picture small = expected("input_37x29");
    for (const char* name : {"x4", "x4_old_names", "x4_middle_names"})
        EXPECT_GE(testing::psnr(enlarged_by(name, small), expected("x4_37x29")), 60.0) << name;
    for (const char* name : {"x2", "compact_x4"})
        EXPECT_GE(testing::psnr(enlarged_by(name, small), expected(std::string(name) + "_37x29")), 60.0) << name;
}

TEST_F(Upscalers, BlendTiles) {
    EXPECT_GE(testing::psnr(enlarged_by("x4", expected("input_40x32"), {.side = 24, .overlap = 8}),
                            expected("x4_40x32_tiles_24_8")),
              60.0);
}

TEST_F(Upscalers, EnlargeAPictureUntilItIsLargeEnough) {
    Upscaler network(adapters + "upscalers/x2.safetensors", runtime);
    const Picture small = expected("input_37x29");
    const Picture large = enlarged(small, {200, 120}, &network, {}, {}, {});
    EXPECT_EQ(large.width, 200);
    EXPECT_EQ(large.height, 120);
    EXPECT_EQ(enlarged(small, {37, 29}, &network, {}, {}, {}).pixels, small.pixels);
}

TEST_F(Upscalers, ThatAreNoneAreRefused) {
    const auto refusal = [&](const std::string& path) {
        return testing::sentence_of([&] { Upscaler(path, runtime); });
    };
    testing::expect_says(refusal("nowhere.pth"), {"nowhere.pth"});
    testing::expect_says(refusal(adapters + "loras/kohya.safetensors"), {"is a LoRA", "upscaler is expected"});
    testing::expect_says(refusal(adapters + "embeddings/webui.pt"), {"webui.pt", "upscaler is expected"});
    testing::expect_says(refusal(adapters + "embeddings/refuse_hostile.pt"), {"refuse_hostile.pt"});
}

TEST_F(Upscalers, WithALayerOfAnotherShapeAreRefused) {
    const SafetensorsFile file(adapters + "upscalers/x4.safetensors");
    std::vector<TensorView> tensors;
    for (const auto& [name, tensor] : file.tensors()) {
        tensors.push_back(tensor);
        if (name == "conv_last.weight") std::swap(tensors.back().shape[0], tensors.back().shape[1]);
    }
    const testing::TemporaryFolder folder;
    write_safetensors(folder / "odd.safetensors", tensors);
    testing::expect_says(testing::sentence_of([&] { Upscaler(folder / "odd.safetensors", runtime); }),
                         {"odd.safetensors", "conv_last"});
}

}  // namespace
}  // namespace easel
