// Masks of the person in a picture: `easel mask`, and the masks of `easel generate`.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cli/program.h"
#include "pictures/mask.h"
#include "pictures/read.h"
#include "pictures/write.h"

namespace easel::testing {
namespace {

const std::string photograph = golden("person_mask/astronaut.png");
using Names = std::vector<std::string>;

class MaskCommand : public ProgramTest {
  protected:
    void succeed(const std::vector<std::string>& arguments) const {
        const Ended run = easel(arguments);
        EXPECT_EQ(run.exit_code, 0) << run.err;
    }

    Mask mask(const char* name) const { return read_mask(folder / name); }

    /// Writes a picture with nobody in it.
    std::string nobody() const {
        write_picture(folder / "nobody.png", {64, 64, std::vector<std::uint8_t>(64 * 64 * 3, 128)}, "",
                      OutputFile::IfExists::refuse);
        return "nobody.png";
    }

    /// The command that repaints `init_image` with the tiny model, with `more` at its end.
    static std::vector<std::string> repaint(const std::string& init_image, const std::vector<std::string>& more) {
        std::vector<std::string> arguments = {"generate", "-p", "a suit", "-m", tiny_model(), "-i", init_image};
        for (const char* word : {"-W", "64", "-H", "64", "--steps", "2", "--seed", "3", "-o", "out.png", "--quiet"})
            arguments.emplace_back(word);
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    }
};

std::ptrdiff_t white(const Mask& mask) { return std::ranges::count(mask.pixels, 255); }

TEST_F(MaskCommand, WritesTheMaskAndTheOverlay) {
    succeed({"mask", photograph, "-o", "mask.png", "--overlay", "look.png"});
    EXPECT_EQ(mask("mask.png").width, 512);
    EXPECT_NEAR(static_cast<double>(white(mask("mask.png"))), 146652, 100);
    EXPECT_EQ(read_picture(folder / "look.png").pixels, overlay(read_picture(photograph), mask("mask.png")).pixels);
}

TEST_F(MaskCommand, DoesNotReplaceThePhoto) {
    std::filesystem::copy(photograph, folder / "a.jpg");
    std::filesystem::create_symlink("a.jpg", folder / "b.jpg");
    const std::string before = read_file(folder / "a.jpg");
    for (const char* same : {"a.jpg", "./a.jpg", "b.jpg"}) {
        expect_refused(easel({"mask", "a.jpg", "-o", same, "--overwrite"}), 2, {same, "another name"});
        expect_refused(easel({"mask", "a.jpg", "-o", "m.png", "--overlay", same, "--overwrite"}), 2,
                       {"--overlay", "another name"});
    }
    EXPECT_EQ(read_file(folder / "a.jpg"), before);
}

TEST_F(MaskCommand, InvertsAndUsesTheOtherNetwork) {
    succeed({"mask", photograph, "-o", "person.png", "--landscape"});
    succeed({"mask", photograph, "-o", "rest.png", "--landscape", "--invert"});
    EXPECT_NEAR(static_cast<double>(white(mask("person.png"))), 160659, 500);
    EXPECT_EQ(mask("rest.png").pixels, inverted(mask("person.png")).pixels);
}

TEST_F(MaskCommand, KeepsAnExistingFileUnlessOverwriteIsGiven) {
    write_file(folder / "mask.png", "mine");
    expect_refused(easel({"mask", photograph, "-o", "mask.png"}), 1, {"mask.png", "--overwrite"});
    EXPECT_EQ(read_file(folder / "mask.png"), "mine");
    succeed({"mask", photograph, "-o", "mask.png", "--overwrite"});
    EXPECT_EQ(mask("mask.png").width, 512);
}

TEST_F(MaskCommand, ReportsThatNobodyIsThereAndWritesNothing) {
    const std::string picture = nobody();
    expect_refused(easel({"mask", picture, "-o", "mask.png", "--overlay", "look.png"}), 1,
                   {"no person was found", "--threshold"});
    expect_refused(easel({"mask", picture, "-o", "mask.png", "--invert"}), 1, {"no person was found"});
    for (const char* what : {"person", "background"})
        expect_refused(easel(repaint(picture, {"--auto-mask", what, "--save-mask", "mask.png"})), 1,
                       {"no person was found", "--mask-threshold"});
    EXPECT_EQ(files(), Names{"nobody.png"});
}

TEST_F(MaskCommand, RefusesWhatMakesNoSense) {
    const auto refused = [&](const std::vector<std::string>& more, int exit_code, const std::string& part) {
        std::vector<std::string> arguments = {"mask", photograph};
        arguments.insert(arguments.end(), more.begin(), more.end());
        expect_refused(easel(arguments), exit_code, {part});
    };
    refused({}, 2, "--output");
    refused({"-o", "mask.gif"}, 2, "mask.gif");
    refused({"-o", "mask.png", "--overlay", "./mask.png"}, 2, "--overlay");
    refused({"-o", "mask.png", "--threshold", "2"}, 2, "--threshold 2");
    refused({"-o", "mask.png", "--threshold", "nan"}, 2, "--threshold nan");
    refused({"-o", "mask.png", "--grow", "-1"}, 2, "--grow -1");
    refused({"-o", "mask.png", "--feather", "1e9"}, 2, "--feather");
    refused({"-o", "mask.png", "--device", "TPU"}, 2, "--device TPU");
    expect_refused(easel({"mask", "missing.jpg", "-o", "mask.png"}), 1, {"missing.jpg"});
    expect_refused(easel({"mask", photograph, "-o", "mask.png"}, {.environment = {{"EASEL_HOME", "/nowhere"}}}), 1,
                   {"/nowhere/models/selfie_segmentation/selfie_segmentation.tflite"});
    EXPECT_EQ(files(), Names{});
}

TEST_F(MaskCommand, GenerateRepaintsOnlyThePerson) {
    succeed(repaint(photograph, {"--auto-mask", "person", "--save-mask", "mask.png"}));
    const Picture before = read_picture(photograph), after = read_picture(folder / "out.png");
    const Mask used = mask("mask.png");
    EXPECT_NEAR(static_cast<double>(white(used)), 146652, 100);
    ASSERT_EQ(after.pixels.size(), before.pixels.size());
    int repainted = 0;
    for (std::size_t i = 0; i < used.pixels.size(); ++i) {
        const bool same = std::equal(&before.pixels[3 * i], &before.pixels[3 * i] + 3, &after.pixels[3 * i]);
        ASSERT_TRUE(same || used.pixels[i] != 0) << i;
        repainted += !same;
    }
    EXPECT_GT(repainted, 140000);
}

TEST_F(MaskCommand, GenerateUsesAnAutomaticMaskAsItUsesAFile) {
    succeed(repaint(photograph, {"--auto-mask", "background", "--threshold", "0.3", "--mask-grow", "5"}));
    const auto automatic = read_picture(folder / "out.png").pixels;
    succeed({"mask", photograph, "-o", "mask.png", "--invert", "--threshold", "0.3", "--grow", "5"});
    succeed(repaint(photograph, {"--mask", "mask.png", "--save-mask", "again.png", "--overwrite"}));
    EXPECT_EQ(read_picture(folder / "out.png").pixels, automatic);
    EXPECT_EQ(mask("again.png").pixels, mask("mask.png").pixels);
}

TEST_F(MaskCommand, GenerateRefusesMaskFlagsThatDoNotGoTogether) {
    const auto refused = [&](const std::vector<std::string>& more, const std::vector<std::string>& parts) {
        expect_refused(easel(repaint(photograph, more)), 2, parts);
    };
    refused({"--auto-mask", "person", "--mask", photograph}, {"--auto-mask", "--mask"});
    refused({"--auto-mask", "cat"}, {"--auto-mask", "person", "background"});
    refused({"--mask-grow", "3"}, {"--mask-grow", "--auto-mask"});
    refused({"--threshold", "0.3"}, {"threshold", "--auto-mask"});
    refused({"--save-mask", "mask.png"}, {"--save-mask", "--auto-mask"});
    refused({"--auto-mask", "person", "--save-mask", "out.png"}, {"--save-mask", "out.png"});
    expect_refused(easel({"generate", "-p", "a suit", "--auto-mask", "person"}), 2, {"--auto-mask", "--init-image"});
    EXPECT_EQ(files(), Names{});
}

}  // namespace
}  // namespace easel::testing
