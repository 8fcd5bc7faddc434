#include "base/base64.h"

#include <gtest/gtest.h>

namespace easel {
namespace {

TEST(Base64, HasTheVectorsOfRfc4648) {
    const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, text] : vectors) {
        EXPECT_EQ(base64(bytes), text);
        EXPECT_EQ(from_base64(text), bytes);
    }
}

TEST(Base64, GivesAllBytesBack) {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
    EXPECT_EQ(from_base64(base64(bytes)), bytes);
}

TEST(Base64, LetsLineBreaksAndMissingPaddingPass) {
    EXPECT_EQ(from_base64("Zm9v\r\nYg"), "foob");
    EXPECT_EQ(from_base64(" Zm 8="), "fo");
}

TEST(Base64, TakesNothingElse) {
    for (const char* text : {"Z", "Zm9vY", "Zg=A", "Zg===", "%%%", "Zm9v-", "Zm9v_", "Zm\xff\x39"})
        EXPECT_EQ(from_base64(text), std::nullopt) << text;
}

}  // namespace
}  // namespace easel
