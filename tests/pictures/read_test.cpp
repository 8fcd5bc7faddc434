#include "pictures/read.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "base/files.h"
#include "pictures/helpers.h"

namespace easel {
namespace {

std::string bytes_of(const std::string& name) { return read_text_file(golden_pictures + name); }

std::string refusal_of(const std::string& bytes) {
    return sentence_of([&] { decode(bytes); });
}

class ReadsAsPillowDoes : public ::testing::TestWithParam<const char*> {};

TEST_P(ReadsAsPillowDoes, ToTheValue) {
    const Picture picture = read_picture(golden_pictures + GetParam());
    const Picture expected = read_picture(golden_pictures + GetParam() + ".expected.png");
    EXPECT_EQ(picture.width, expected.width);
    EXPECT_EQ(picture.height, expected.height);
    EXPECT_EQ(picture.pixels, expected.pixels);
}

INSTANTIATE_TEST_SUITE_P(Kinds, ReadsAsPillowDoes,
                         ::testing::Values("rgb.jpg", "progressive.jpg", "grey.jpg", "cmyk.jpg", "rgb.webp",
                                           "lossless.webp", "rgba.webp", "animation.webp", "grey.png", "one_bit.png",
                                           "palette.png", "palette_transparent.png", "rgba.png", "grey_alpha.png",
                                           "rgb_16_bit.png", "rgba_16_bit.png"),
                         [](const auto& kind) {
                             std::string name = kind.param;
                             std::replace(name.begin(), name.end(), '.', '_');
                             return name;
                         });

TEST(Opacity, IsThatOfAPictureThatIsPartlyTransparent) {
    const auto opacity_of = [](const char* name) {
        const std::string bytes = bytes_of(name);
        return decode_opacity(std::as_bytes(std::span(bytes)), name);
    };
    for (const char* opaque : {"rgb.jpg", "cmyk.jpg", "grey.png"})
        EXPECT_FALSE(opacity_of(opaque).has_value()) << opaque;
    for (const char* transparent : {"rgba.png", "grey_alpha.png", "palette_transparent.png", "rgba.webp"}) {
        const auto opacity = opacity_of(transparent);
        ASSERT_TRUE(opacity.has_value()) << transparent;
        EXPECT_EQ(opacity->pixels.size(), static_cast<std::size_t>(opacity->width) * opacity->height);
        EXPECT_LT(*std::ranges::min_element(opacity->pixels), 255);
    }
}

TEST(Read, TellsOfAnAnimationThatItsFirstFrameIsTaken) {
    std::vector<std::string> notes;
    read_picture(golden_pictures + "animation.webp", [&](const std::string& note) { notes.push_back(note); });
    ASSERT_EQ(notes.size(), 1u);
    EXPECT_NE(notes[0].find("first frame"), std::string::npos) << notes[0];
}

/// `upright` as a camera held in the way of an EXIF orientation stores it (Exif 2.3, 4.6.4, tag 274).
Picture stored(const Picture& upright, int orientation) {
    const bool sideways = orientation >= 5;
    Picture result{sideways ? upright.height : upright.width, sideways ? upright.width : upright.height, {}};
    result.pixels.resize(upright.pixels.size());
    for (int y = 0; y < result.height; ++y) {
        for (int x = 0; x < result.width; ++x) {
            // Where the stored row 0 and column 0 lie in the upright picture.
            const bool from_right = orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
            const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
            const int across = sideways ? y : x;
            const int down = sideways ? x : y;
            const int from_x = from_right ? upright.width - 1 - across : across;
            const int from_y = from_bottom ? upright.height - 1 - down : down;
            for (int c = 0; c < 3; ++c) {
                result.pixels[3 * (static_cast<std::size_t>(y) * result.width + x) + c] =
                    upright.pixels[3 * (static_cast<std::size_t>(from_y) * upright.width + from_x) + c];
            }
        }
    }
    return result;
}

TEST(Read, TurnsPhotographsUprightInAllEightOrientations) {
    const Picture as_stored = read_picture(golden_pictures + "rgb.jpg");
    for (int orientation = 1; orientation <= 8; ++orientation) {
        const Picture upright = read_picture(golden_pictures + "orientation_" + std::to_string(orientation) + ".jpg");
        EXPECT_EQ(upright.width, orientation >= 5 ? 16 : 24) << orientation;
        EXPECT_EQ(stored(upright, orientation).pixels, as_stored.pixels) << orientation;
    }
}

TEST(Read, TurnsPngAndWebpUprightToo) {
    const Picture as_stored = read_picture(golden_pictures + "rgb.png");
    for (const char* name : {"orientation_8.png", "orientation_8.webp"}) {
        EXPECT_EQ(stored(read_picture(golden_pictures + name), 8).pixels, as_stored.pixels) << name;
    }
}

TEST(Read, BringsAnEmbeddedProfileToSrgb) {
    const Picture expected = read_picture(golden_pictures + "profile_wide.expected.png");
    EXPECT_GT(greatest_difference(expected.pixels, read_picture(golden_pictures + "rgb.png").pixels), 40);
    for (const char* name : {"profile_wide.png", "profile_wide.webp"}) {
        std::vector<std::string> notes;
        const auto pixels =
            read_picture(golden_pictures + name, [&](const std::string& note) { notes.push_back(note); }).pixels;
        EXPECT_LE(greatest_difference(pixels, expected.pixels), 1) << name;
        EXPECT_TRUE(notes.empty());
    }
}

TEST(Read, LeavesEveryValueAloneWhenTheProfileIsSrgb) {
    EXPECT_EQ(read_picture(golden_pictures + "profile_srgb.png").pixels,
              read_picture(golden_pictures + "rgb.png").pixels);
}

TEST(Read, SaysThatABrokenProfileIsIgnored) {
    for (const std::string kind : {"png", "jpg"}) {
        std::vector<std::string> notes;
        const Picture picture = read_picture(golden_pictures + "profile_broken." + kind,
                                             [&](const std::string& note) { notes.push_back(note); });
        EXPECT_EQ(picture.pixels, read_picture(golden_pictures + "rgb." + kind).pixels);
        ASSERT_EQ(notes.size(), 1u) << kind;
        EXPECT_NE(notes[0].find("profile"), std::string::npos);
        EXPECT_NE(notes[0].find("ignored"), std::string::npos);
    }
}

TEST(Read, RefusesEveryKindOfFileCutShortAnywhere) {
    for (const char* name : {"rgb.png", "rgba.png", "palette.png", "rgb.jpg", "progressive.jpg", "cmyk.jpg", "rgb.webp",
                             "lossless.webp", "animation.webp"}) {
        const std::string whole = bytes_of(name);
        for (std::size_t size = 0; size < whole.size(); size += 1 + whole.size() / 23) {
            EXPECT_NE(refusal_of(whole.substr(0, size)), "") << name << " cut to " << size;
        }
        EXPECT_NE(refusal_of(whole.substr(0, whole.size() - 1)), "") << name;
    }
}

TEST(Read, RefusesAJpegWhoseDataEndsEarlyThoughItsEndMarkerIsThere) {
    const std::string whole = bytes_of("rgb.jpg");
    const std::string sentence = refusal_of(whole.substr(0, whole.size() - 60) + "\xFF\xD9");
    EXPECT_NE(sentence.find("damaged"), std::string::npos) << sentence;
}

TEST(Read, RefusesAPngWithAChangedByte) {
    std::string bytes = bytes_of("rgb.png");
    bytes[bytes.size() / 2] ^= 1;
    EXPECT_NE(refusal_of(bytes).find("damaged"), std::string::npos);
}

TEST(Read, SaysOneLineAndNothingOnStandardError) {
    testing::internal::CaptureStderr();
    const std::string bytes = bytes_of("rgb.jpg");
    const std::string sentence = refusal_of(bytes.substr(0, bytes.size() / 2));
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    EXPECT_EQ(sentence.find('\n'), std::string::npos);
    EXPECT_EQ(sentence.rfind("it: the JPEG picture is damaged or cut short", 0), 0u) << sentence;
}

TEST(Read, RefusesEveryOtherKindOfFile) {
    std::vector<std::string> others = {
        "",         "a text",           "<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>",
        "%PDF-1.4", "RIFF\4\0\0\0WAVE", "P6 1 1 255 abc"};
    for (const char* name : {"other.gif", "other.tiff", "other.bmp"}) others.push_back(bytes_of(name));
    for (const std::string& bytes : others) {
        EXPECT_EQ(refusal_of(bytes), "it: is not a PNG, JPEG or WebP picture, the formats that can be read");
    }
}

TEST(Read, GoesByTheBytesAndNotByTheName) {
    const TemporaryFolder temporary;
    std::filesystem::copy_file(golden_pictures + "rgb.png", temporary / "picture.jpg");
    EXPECT_EQ(read_picture(temporary / "picture.jpg").pixels, read_picture(golden_pictures + "rgb.png").pixels);
}

TEST(Read, NamesAFileThatIsMissingAndAFolder) {
    EXPECT_NE(sentence_of([] { read_picture("golden/no_such.png"); }).find("golden/no_such.png"), std::string::npos);
    EXPECT_NE(sentence_of([] { read_picture("golden"); }).find("folder"), std::string::npos);
}

/// A PNG file of a header alone, or with the first byte of its pixels.
std::string png_header(std::uint32_t width, std::uint32_t height) {
    std::string bytes("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16);
    for (const std::uint32_t side : {width, height}) {
        for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(side >> shift & 0xFF);
    }
    return bytes + std::string("\x08\x02\0\0\0\0\0\0\0", 9);
}

TEST(Read, RefusesAPictureOfTooManyPixelsByItsHeader) {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(
        refusal_of(png_header(60000, 60000)),
        "it: 60000 x 60000 pixels are more than the 64 megapixels that can be read; scale the picture down first");
    EXPECT_NE(refusal_of(png_header(8001, 8000)).find("64 megapixels"), std::string::npos);
    EXPECT_EQ(refusal_of(png_header(8000, 8000)).find("64 megapixels"), std::string::npos);
    EXPECT_NE(refusal_of(png_header(0xFFFFFFFF, 0xFFFFFFFF)).find("64 megapixels"), std::string::npos);

    std::string jpeg = bytes_of("rgb.jpg");
    const std::size_t frame = jpeg.find("\xFF\xC0");
    ASSERT_NE(frame, std::string::npos);
    jpeg.replace(frame + 5, 4, "\xFF\xDC\xFF\xDC");
    EXPECT_NE(refusal_of(jpeg).find("65500 x 65500 pixels"), std::string::npos) << refusal_of(jpeg);

    std::string webp = bytes_of("rgb.webp");
    const std::size_t frame_tag = webp.find("\x9D\x01\x2A");
    ASSERT_NE(frame_tag, std::string::npos);
    webp.replace(frame_tag + 3, 4, "\xFF\x3F\xFF\x3F");
    EXPECT_NE(refusal_of(webp).find("16383 x 16383 pixels"), std::string::npos) << refusal_of(webp);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
}

TEST(ReadFromSeveralThreads, GivesEachWhatOneAloneGets) {
    const std::vector<std::uint8_t> expected = read_picture(golden_pictures + "rgb.png").pixels;
    const std::string whole = bytes_of("rgb.png");
    std::vector<std::thread> threads;
    std::atomic<int> wrong = 0;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&, i] {
            for (int n = 0; n < 10; ++n) {
                if (i == 0) {
                    wrong += refusal_of(whole.substr(0, whole.size() / 2)).find("PNG") == std::string::npos;
                } else {
                    wrong += decode(whole).pixels != expected;
                }
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
}

TEST(ReadMask, IsGreyAsPillowsConvertMakesIt) {
    const Mask mask = read_mask(golden_pictures + "rgb.png");
    const Picture grey = read_picture(golden_pictures + "grey.png.expected.png");
    ASSERT_EQ(mask.pixels.size() * 3, grey.pixels.size());
    for (std::size_t i = 0; i < mask.pixels.size(); ++i) ASSERT_EQ(mask.pixels[i], grey.pixels[3 * i]) << i;
    EXPECT_EQ(mask.width, 24);
    EXPECT_EQ(mask.height, 16);
}

TEST(ReadMask, KeepsGreyValuesAsTheyAre) {
    const Mask mask = read_mask("golden/inputs/mask_soft_64x64.png");
    const Picture grey = read_picture("golden/inputs/mask_soft_64x64.png");
    for (std::size_t i = 0; i < mask.pixels.size(); ++i) ASSERT_EQ(mask.pixels[i], grey.pixels[3 * i]) << i;
}

TEST(ReadMask, TakesTransparentPartsForBlack) {
    const Mask mask = read_mask(golden_pictures + "rgba.png");  // transparent on the left, 11 more a pixel to the right
    const Mask opaque = read_mask(golden_pictures + "rgb.png");
    for (int y = 0; y < mask.height; ++y) {
        EXPECT_EQ(mask.pixels[static_cast<std::size_t>(y) * mask.width], 0);
        const std::size_t i = static_cast<std::size_t>(y) * mask.width + 20;
        EXPECT_NEAR(mask.pixels[i], opaque.pixels[i] * 220 / 255.0, 1.5);
    }
}

}  // namespace
}  // namespace easel
