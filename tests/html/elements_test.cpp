#include "html/elements.h"

#include <cstdint>
#include <iterator>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <pugixml.hpp>

#include "html/plot.h"
#include "pictures/read.h"

namespace easel {
namespace {

pugi::xml_document parsed(const std::string& xml) {
    pugi::xml_document document;
    const auto result = document.load_string(xml.c_str());
    EXPECT_TRUE(result) << result.description() << " at " << result.offset;
    return document;
}

/// The bytes of base64 text, by the test's own decoder.
std::string decoded(const std::string& text) {
    const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    unsigned bits = 0;
    int count = 0;
    for (const char c : text) {
        if (c == '=') break;
        bits = bits << 6 | static_cast<unsigned>(letters.find(c));
        count += 6;
        if (count >= 8) bytes += static_cast<char>(bits >> (count -= 8) & 0xff);
    }
    return bytes;
}

Picture picture_in(const pugi::xml_node& image) {
    const std::string source = image.attribute("src").value(), begin = "data:image/png;base64,";
    EXPECT_TRUE(source.starts_with(begin));
    EXPECT_EQ((source.size() - begin.size()) % 4, 0U);
    const std::string bytes = decoded(source.substr(begin.size()));
    return decode_picture(std::as_bytes(std::span(bytes)), "the page's picture");
}

TEST(Html, EscapesWhatWouldBeMarkup) { EXPECT_EQ(escaped(R"(<b> & "ε")"), "&lt;b&gt; &amp; &quot;ε&quot;"); }

TEST(Html, ImageHoldsThePictureToTheBit) {
    for (const int width : {1, 2, 3, 4, 5}) {
        Picture picture{width, 1, {}};
        for (int i = 0; i < 3 * width; ++i) picture.pixels.push_back(static_cast<std::uint8_t>(37 * i));
        const auto document = parsed(image(picture, 96, "a \"picture\""));
        EXPECT_EQ(picture_in(document.child("img")).pixels, picture.pixels) << width;
        EXPECT_STREQ(document.child("img").attribute("alt").value(), "a \"picture\"");
    }
}

TEST(Html, ImageOfALargePictureIsMadeSmaller) {
    const Picture large{1000, 100, std::vector<std::uint8_t>(300000, 7)};
    const Picture shown = picture_in(parsed(image(large, 96, "")).child("img"));
    EXPECT_EQ(shown.width, 192);
    EXPECT_EQ(shown.height, 19);
}

TEST(Plot, DrawsEachCurveThroughItsPoints) {
    const auto document = parsed(
        svg({.title = "a < b", .x_label = "t", .curves = {{"one", {0, 1, 2}, {0, 10, 0}}, {"two", {0, 2}, {5, 5}}}}));
    const auto lines = document.child("svg").children("polyline");
    ASSERT_EQ(std::distance(lines.begin(), lines.end()), 2);
    EXPECT_STREQ(document.child("svg").child("title").text().get(), "a < b");
    // The frame is 58 to 428 across and, for y, 260 up to 34.
    EXPECT_STREQ(lines.begin()->attribute("points").value(), "58.0,260.0 243.0,34.0 428.0,260.0 ");
    EXPECT_STREQ(std::next(lines.begin())->attribute("points").value(), "58.0,147.0 428.0,147.0 ");
}

TEST(Plot, IsLogarithmicAndLeavesOutWhatIsNotPositive) {
    const double infinity = std::numeric_limits<double>::infinity();
    const auto document = parsed(svg({.title = "",
                                      .x_label = "",
                                      .logarithmic = true,
                                      .curves = {{"c", {0, 1, 2, 3, 4}, {0.01, 0.0, 1.0, infinity, 100.0}}}}));
    EXPECT_STREQ(document.child("svg").child("polyline").attribute("points").value(),
                 "58.0,260.0 243.0,147.0 428.0,34.0 ");
}

TEST(Plot, OfNothingOrOfOneValueHasNoOtherNumbersThanPlaces) {
    for (const Plot& plot : {Plot{.title = "none"}, Plot{.title = "one", .curves = {{"c", {3}, {3}}}}}) {
        const std::string drawn = svg(plot);
        parsed(drawn);
        EXPECT_EQ(drawn.find("nan"), std::string::npos) << drawn;
        EXPECT_EQ(drawn.find("inf"), std::string::npos) << drawn;
    }
}

}  // namespace
}  // namespace easel
