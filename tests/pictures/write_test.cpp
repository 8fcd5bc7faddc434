#include "pictures/write.h"

#include <cmath>
#include <csignal>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "base/files.h"
#include "pictures/helpers.h"
#include "pictures/parameters.h"
#include "pictures/read.h"

namespace easel {
namespace {

constexpr auto refuse = OutputFile::IfExists::refuse;
constexpr auto replace = OutputFile::IfExists::replace;

Picture some_picture() { return read_picture("golden/inputs/init_160x120.png"); }

double psnr(const Picture& a, const Picture& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.pixels.size(); ++i) sum += std::pow(a.pixels[i] - b.pixels[i], 2);
    return 10 * std::log10(255.0 * 255.0 * static_cast<double>(a.pixels.size()) / sum);
}

TEST(Write, KeepsEveryPixelInPng) {
    const TemporaryFolder folder;
    const Picture picture = some_picture();
    write_picture(folder / "it.png", picture, golden_settings, refuse);
    const Picture again = read_picture(folder / "it.png");
    EXPECT_EQ(again.width, 160);
    EXPECT_EQ(again.height, 120);
    EXPECT_EQ(again.pixels, picture.pixels);
}

TEST(Write, StaysCloseInJpegAndWebp) {
    const Picture picture = read_picture("golden/pictures/rgb.png");
    EXPECT_GT(psnr(decode(encode_picture(picture, PictureFormat::jpeg, "")), picture), 35);
    EXPECT_GT(psnr(decode(encode_picture(picture, PictureFormat::webp, "")), picture), 30);
}

TEST(Write, TakesTheFormatFromTheExtensionInAnyCase) {
    const TemporaryFolder folder;
    for (const auto& [name, format] :
         {std::pair("a.PNG", PictureFormat::png), std::pair("b.jpg", PictureFormat::jpeg),
          std::pair("c.Jpeg", PictureFormat::jpeg), std::pair("d.webp", PictureFormat::webp)}) {
        write_picture(folder / name, some_picture(), golden_settings, refuse);
        EXPECT_EQ(format_of_bytes(MappedFile(folder / name).bytes()), format) << name;
        EXPECT_EQ(read_parameters(folder / name), golden_settings) << name;
    }
}

TEST(Write, StoresSettingsOfAnyTextInEveryFormat) {
    const Picture picture{8, 8, std::vector<std::uint8_t>(3 * 64, 90)};
    for (const auto format : {PictureFormat::png, PictureFormat::jpeg, PictureFormat::webp}) {
        for (const std::string& text : {golden_settings, std::string("plain"), std::string("café"), std::string("Ã©"),
                                        std::string("猫"), std::string(10001, 'x'), std::string("\U0010FFFF\n\t")}) {
            const std::string bytes = encode_picture(picture, format, text);
            EXPECT_EQ(find_parameters(std::as_bytes(std::span(bytes))), text) << name_of(format);
            EXPECT_EQ(decode(bytes).pixels.size(), picture.pixels.size()) << name_of(format);
        }
    }
}

TEST(Write, ChangesNoPixelByStoringSettings) {
    const Picture picture = some_picture();
    for (const auto format : {PictureFormat::png, PictureFormat::jpeg, PictureFormat::webp}) {
        EXPECT_EQ(decode(encode_picture(picture, format, golden_settings)).pixels,
                  decode(encode_picture(picture, format, "")).pixels);
    }
}

TEST(Write, StoresNothingBesidesWhenThereAreNoSettings) {
    for (const auto format : {PictureFormat::png, PictureFormat::jpeg, PictureFormat::webp}) {
        const std::string bytes = encode_picture(some_picture(), format, "");
        for (const char* kind : {"Exif", "EXIF", "tEXt", "iTXt", "tIME"}) {
            EXPECT_EQ(bytes.find(kind), std::string::npos) << name_of(format) << " " << kind;
        }
        EXPECT_EQ(find_parameters(std::as_bytes(std::span(bytes))), std::nullopt);
    }
}

TEST(Write, GivesTheSameBytesForTheSamePicture) {
    for (const auto format : {PictureFormat::png, PictureFormat::jpeg, PictureFormat::webp}) {
        EXPECT_EQ(encode_picture(some_picture(), format, golden_settings),
                  encode_picture(some_picture(), format, golden_settings));
    }
}

TEST(Write, RefusesSettingsThatAreNotUtf8) {
    const Picture picture{8, 8, std::vector<std::uint8_t>(3 * 64, 90)};
    for (const auto format : {PictureFormat::jpeg, PictureFormat::webp})
        EXPECT_NE(sentence_of([&] { encode_picture(picture, format, "\xFF"); }).find("UTF-8"), std::string::npos);
}

TEST(Write, StoresSettingsOfAnyLengthInEveryFormat) {
    const Picture picture{8, 8, std::vector<std::uint8_t>(3 * 64, 90)};
    std::string varied;
    while (varied.size() < 2'000'000) varied += "a <cat> & \"猫\" 😀&amp;\r\n\t\x01'" + std::to_string(varied.size());
    // Around what one Exif block holds, and what one part of extended XMP does.
    for (const std::size_t size : {32739, 32740, 32741, 64'000, 65'000, 65'536, 130'000})
        for (const std::string& text :
             {std::string(size, 'x'), std::string(size, '&'), varied.substr(0, size - size % 2), varied}) {
            std::string whole = text;
            while (!whole.empty() && static_cast<unsigned char>(whole.back()) >= 0x80) whole.pop_back();
            for (const auto format : {PictureFormat::png, PictureFormat::jpeg, PictureFormat::webp}) {
                const std::string bytes = encode_picture(picture, format, whole);
                EXPECT_TRUE(find_parameters(std::as_bytes(std::span(bytes))) == whole) << name_of(format) << size;
                EXPECT_EQ(decode(bytes).pixels, decode(encode_picture(picture, format, "")).pixels);
            }
        }
}

TEST(Write, LongSettingsInJpegAreExtendedXmp) {
    const Picture picture{8, 8, std::vector<std::uint8_t>(3 * 64, 90)};
    EXPECT_FALSE(exceeds_exif(PictureFormat::jpeg, std::string(32'000, 'x')));
    EXPECT_TRUE(exceeds_exif(PictureFormat::jpeg, std::string(33'000, 'x')));
    EXPECT_FALSE(exceeds_exif(PictureFormat::webp, std::string(33'000, 'x')));
    const std::string bytes = encode_picture(picture, PictureFormat::jpeg, std::string(100'000, 'x'));
    EXPECT_EQ(bytes.find("Exif"), std::string::npos);
    EXPECT_NE(bytes.find("HasExtendedXMP=\""), std::string::npos);
    // A file of which a part is missing has no settings rather than half of them.
    std::string cut = bytes;
    const std::size_t part = cut.rfind("http://ns.adobe.com/xmp/extension/");
    cut[part] = 'x';
    EXPECT_EQ(find_parameters(std::as_bytes(std::span(cut))), std::nullopt);
}

TEST(Write, RefusesAPictureThatWebpCannotHold) {
    const Picture picture{16384, 1, std::vector<std::uint8_t>(3 * 16384)};
    const std::string sentence = sentence_of([&] { encode_picture(picture, PictureFormat::webp, ""); });
    EXPECT_EQ(sentence.rfind("a picture of 16384 x 1 pixels cannot be written as WebP", 0), 0u) << sentence;
    EXPECT_NE(sentence_of([] { check_fits(PictureFormat::jpeg, 1, 65501); }), "");
    EXPECT_EQ(sentence_of([] { check_fits(PictureFormat::jpeg, 65500, 1); }), "");
    EXPECT_EQ(sentence_of([] { check_fits(PictureFormat::png, 100000, 1); }), "");
}

TEST(Write, RefusesAnExistingFileUnlessItMayBeReplaced) {
    const TemporaryFolder folder;
    write_picture(folder / "it.png", some_picture(), "first", refuse);
    EXPECT_THROW(write_picture(folder / "it.png", some_picture(), "second", refuse), Error);
    EXPECT_EQ(read_parameters(folder / "it.png"), "first");
    write_picture(folder / "it.png", some_picture(), "second", replace);
    EXPECT_EQ(read_parameters(folder / "it.png"), "second");
}

TEST(Write, LeavesNothingBehindWhenItFails) {
    const TemporaryFolder folder;
    EXPECT_THROW(write_picture(folder / "it.gif", some_picture(), "", replace), Error);
    EXPECT_THROW(write_picture(folder / "it.jpg", some_picture(), "\xFF", replace), Error);
    EXPECT_THROW(write_picture(folder / "none/it.png", some_picture(), "", replace), Error);
    EXPECT_TRUE(folder.empty());
}

TEST(Write, LeavesNothingBehindWhenTheDiskIsFull) {
    const TemporaryFolder folder;
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    const rlimit small{1000, limit.rlim_max};
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &small);
    const std::string sentence =
        sentence_of([&] { write_picture(folder / "it.png", some_picture(), golden_settings, replace); });
    ::setrlimit(RLIMIT_FSIZE, &limit);
    std::signal(SIGXFSZ, handler);
    EXPECT_NE(sentence, "");
    EXPECT_TRUE(folder.empty());
}

}  // namespace
}  // namespace easel
