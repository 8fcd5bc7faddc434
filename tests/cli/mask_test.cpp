// What a mask protects stays as it was, to the bit.

#include <gtest/gtest.h>

#include "cli/program.h"
#include "pictures/blur.h"
#include "pictures/read.h"
#include "pictures/write.h"

namespace easel::testing {
namespace {

/// Colours that no network would draw.
Picture pattern(int width, int height) {
    Picture picture{.width = width, .height = height, .pixels = {}};
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
            for (const int value : {x * 37 + y * 11, x * y, 255 - x * 5})
                picture.pixels.push_back(static_cast<std::uint8_t>(value));
    return picture;
}

/// White in a rectangle that is off-centre.
Mask rectangle(int width, int height) {
    Mask mask{.width = width, .height = height, .pixels = {}};
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
            mask.pixels.push_back(x >= width / 2 && x < width - 5 && y >= 3 && y < height / 2 ? 255 : 0);
    return mask;
}

Picture as_picture(const Mask& mask) {
    Picture picture{.width = mask.width, .height = mask.height, .pixels = {}};
    for (const std::uint8_t value : mask.pixels) picture.pixels.insert(picture.pixels.end(), 3, value);
    return picture;
}

class Masked : public ProgramTest {
  protected:
    /// Repaints under a rectangle, in a picture of this size.
    void expect_kept_outside(int width, int height, double mask_blur) {
        const Picture before = pattern(width, height);
        const Mask mask = rectangle(width, height);
        write_picture(folder / "in.png", before, "", OutputFile::IfExists::refuse);
        write_picture(folder / "mask.png", as_picture(mask), "", OutputFile::IfExists::refuse);
        const Ended run = easel({"a city", "-m", tiny_model(), "-i", "in.png", "--mask", "mask.png", "--mask-blur",
                                 std::to_string(mask_blur), "--steps", "3", "--strength", "0.9", "-o", "out.png"});
        ASSERT_EQ(run.exit_code, 0) << run.err;

        const Picture after = read_picture(folder / "out.png");
        ASSERT_EQ(after.width, width);
        ASSERT_EQ(after.height, height);
        const Mask soft = blur(mask, mask_blur);
        int kept = 0, kept_and_changed = 0, repainted = 0, repainted_and_changed = 0;
        for (std::size_t i = 0; i < soft.pixels.size(); ++i) {
            const std::uint8_t* const pixel = &after.pixels[3 * i];
            const int changed = std::equal(pixel, pixel + 3, &before.pixels[3 * i]) ? 0 : 1;
            kept += soft.pixels[i] == 0 ? 1 : 0;
            kept_and_changed += soft.pixels[i] == 0 ? changed : 0;
            repainted += mask.pixels[i] == 255 ? 1 : 0;
            repainted_and_changed += mask.pixels[i] == 255 ? changed : 0;
        }
        EXPECT_GT(kept, width * height / 2);
        EXPECT_EQ(kept_and_changed, 0);
        EXPECT_GT(repainted, width * height / 10);
        EXPECT_GT(repainted_and_changed, repainted * 9 / 10);
    }
};

TEST_F(Masked, KeepsAPictureOfAnOddSize) { expect_kept_outside(61, 43, 0.0); }
TEST_F(Masked, KeepsAPictureLargerThanTheModelsUnderASoftMask) { expect_kept_outside(201, 133, 2.0); }

}  // namespace
}  // namespace easel::testing
