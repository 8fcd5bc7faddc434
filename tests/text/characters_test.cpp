#include "text/characters.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace easel {
namespace {

std::u32string folded(std::string_view utf8) {
    std::u32string text;
    for (const Character c : normalize(utf8)) text += c.folded;
    return text;
}

TEST(Normalize, ComposesAndFoldsCase) {
    EXPECT_EQ(folded("E\u0301"), U"\u00e9");
    EXPECT_EQ(folded("\u1112\u1161\u11ab"), U"\ud55c");
    EXPECT_EQ(folded("\u212b"), U"\u00e5");
}

TEST(Normalize, LeavesCompatibilityCharactersAlone) { EXPECT_EQ(folded("\ufb01\u00bd"), U"\ufb01\u00bd"); }

TEST(Normalize, KnowsNoFinalSigma) { EXPECT_EQ(folded("ΟΔΟΣ"), U"οδοσ"); }

TEST(Normalize, MakesTwoCharactersOfCapitalIWithDot) {
    const auto characters = normalize("\u0130");
    ASSERT_EQ(characters.size(), 2u);
    EXPECT_EQ(characters[0].folded, U'i');
    EXPECT_EQ(characters[0].written, U'\u0130');
    EXPECT_EQ(characters[1].folded, U'\u0307');
    EXPECT_EQ(characters[1].written, not_written);
}

TEST(Normalize, FoldsTheCaseOfLettersNewInUnicode16And17) {
    EXPECT_EQ(folded("\ua7cb\ua7dc\U00010d65"), U"\u0264\u019b\U00010d85");
    EXPECT_EQ(folded("\ua7ce\U00016eb8"), U"\ua7cf\U00016ed3");
}

TEST(Normalize, OrdersCombiningMarksByClassAndKeepsEqualOnesInPlace) {
    EXPECT_EQ(folded("x\u0301\u0316\u0302\u0317"), U"x\u0316\u0317\u0301\u0302");
}

TEST(Normalize, KeepsNullCharacters) { EXPECT_EQ(folded(std::string_view("a\0b", 3)), std::u32string(U"a\0b", 3)); }

TEST(KindOf, TellsLettersNumbersSpacesAndTheRest) {
    for (const char32_t c : {U'a', U'ª', U'ß', U'漢', U'\U0001e5f0'}) EXPECT_EQ(kind_of(c), CharacterKind::letter);
    for (const char32_t c : {U'7', U'½', U'Ⅷ', U'\U0001ccf0'}) EXPECT_EQ(kind_of(c), CharacterKind::number);
    for (const char32_t c : {U'\t', U' ', U'\u0085', U'\u00a0', U'\u3000'}) EXPECT_EQ(kind_of(c), CharacterKind::space);
    for (const char32_t c : {U'!', U'\0', U'\x1c', U'\u0301', U'\u180e', U'\u200b', U'\U0001f600', U'\U0010ffff'})
        EXPECT_EQ(kind_of(c), CharacterKind::other);
}

TEST(CheckUtf8, NamesTheFirstByteThatIsWrong) {
    // A stray byte, one that is cut short, an overlong form, a surrogate, one beyond U+10FFFF.
    for (const std::string wrong : {"abc\xff", "abc\xc3", "abc\xc0\x80", "abc\xed\xa0\x80", "abc\xf4\x90\x80\x80"})
        try {
            check_utf8(wrong, "the prompt");
            ADD_FAILURE() << "accepted";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::bad_request);
            EXPECT_STREQ(error.what(), "the prompt is not UTF-8 text (its byte 4 is wrong); encode it as UTF-8");
        }
    EXPECT_NO_THROW(check_utf8("a\u00e9\u6f22\U0001f600", "the prompt"));
}

}  // namespace
}  // namespace easel
