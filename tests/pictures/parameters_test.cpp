#include "pictures/parameters.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "pictures/helpers.h"

namespace easel {
namespace {

TEST(Parameters, AreReadAsOtherProgramsStoreThem) {
    for (const char* name : {"settings_itxt.png", "settings_itxt_compressed.png", "settings_text_utf8.png",
                             "settings_big_endian.jpg", "settings_big_endian.webp", "settings_little_endian.jpg",
                             "settings_comment.jpg", "settings_extended_xmp.jpg"}) {
        EXPECT_EQ(read_parameters(golden_pictures + name), golden_settings) << name;
    }
}

TEST(Parameters, InLatin1BecomeUtf8) {
    EXPECT_EQ(read_parameters(golden_pictures + "settings_latin1.png"), "café\nSteps: 20");
    EXPECT_EQ(read_parameters(golden_pictures + "settings_ztxt.png"), "café\nSteps: 20");
}

TEST(Parameters, AreNoneWhereThereAreNone) {
    for (const char* name : {"rgb.png", "rgb.jpg", "rgb.webp", "orientation_3.jpg", "orientation_8.webp"}) {
        EXPECT_EQ(read_parameters(golden_pictures + name), std::nullopt) << name;
    }
}

TEST(Parameters, OfAFileThatIsNoPictureAreRefused) {
    EXPECT_NE(
        sentence_of([] { read_parameters(golden_pictures + "other.gif"); }).find("is not a PNG, JPEG or WebP picture"),
        std::string::npos);
}

TEST(Parameters, OfADamagedFileAreNoneOrPartOfTheText) {
    for (const char* name : {"settings_itxt.png", "settings_itxt_compressed.png", "settings_big_endian.jpg",
                             "settings_big_endian.webp", "settings_comment.jpg", "settings_extended_xmp.jpg"}) {
        const std::string whole = read_text_file(golden_pictures + name);
        for (std::size_t size = 0; size < whole.size(); ++size) {
            const std::string cut = whole.substr(0, size);
            const auto found = find_parameters(std::as_bytes(std::span(cut)));
            EXPECT_TRUE(!found || *found == golden_settings) << name << " cut to " << size;
        }
        for (std::size_t i = 0; i < whole.size(); ++i) {
            std::string changed = whole;
            changed[i] = '\xFF';
            const auto found = find_parameters(std::as_bytes(std::span(changed)));
            EXPECT_TRUE(!found || found->size() < 3 * whole.size()) << name << " changed at " << i;
        }
    }
}

}  // namespace
}  // namespace easel
