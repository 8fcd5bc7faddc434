#include "base/quoted.h"

#include <string>

#include <gtest/gtest.h>

namespace easel {
namespace {

TEST(Quoted, ControlCharactersBecomeTheirNumbers) {
    EXPECT_EQ(on_one_line("a\nb\x1b[31m \x7f caf\xc3\xa9"), "a\\x0ab\\x1b[31m \\x7f caf\xc3\xa9");
    EXPECT_EQ(in_quotes("a\tb"), "\"a\\x09b\"");
}

TEST(Quoted, LongTextsAreCutBetweenCharacters) {
    const std::string text = std::string(99, 'a') + "\xc3\xa9" + "b";
    EXPECT_EQ(in_quotes(text), "\"" + std::string(99, 'a') + "...\"");
}

}  // namespace
}  // namespace easel
