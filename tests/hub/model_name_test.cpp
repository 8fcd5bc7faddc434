#include "hub/model_name.h"

#include <gtest/gtest.h>

namespace easel::hub {
namespace {

TEST(ModelName, TakesOwnerNameAndRevision) {
    const auto plain = parse_model_name("some-one/a_Model.v1.5");
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->owner, "some-one");
    EXPECT_EQ(plain->name, "a_Model.v1.5");
    EXPECT_EQ(plain->revision, "main");
    EXPECT_EQ(plain->text(), "some-one/a_Model.v1.5");
    const auto revised = parse_model_name("a/b@refs/pr/3");
    ASSERT_TRUE(revised);
    EXPECT_EQ(revised->revision, "refs/pr/3");
    EXPECT_EQ(revised->id(), "a/b");
    EXPECT_EQ(revised->text(), "a/b@refs/pr/3");
}

TEST(ModelName, RefusesWhatIsAPathOrNoName) {
    for (const char* text : {"",
                             "a",
                             "/",
                             "a/",
                             "/b",
                             "a/b/c",
                             "./b",
                             "../b",
                             "a/..",
                             "~/b",
                             "a b/c",
                             "a/b--c",
                             "a/b..c",
                             "a/-b",
                             "a/b.",
                             "models/x.safetensors",
                             "models/x.ckpt",
                             "a/b@",
                             "a/b@../x",
                             "a/b@/x",
                             "a/b@x\n",
                             "a\\b/c",
                             "a/\xc3\xa4"})
        EXPECT_FALSE(parse_model_name(text)) << text;
    EXPECT_FALSE(parse_model_name("a/" + std::string(97, 'b')));
    EXPECT_TRUE(parse_model_name("a/" + std::string(96, 'b')));
}

TEST(SafePath, StaysBelowItsFolderAndCanBeShown) {
    for (const char* path : {"a", "unet/config.json", "a/b/c.d", ".gitattributes", "a b",
                             "gr\xc3\xb6\xc3\x9f"
                             "e.txt"})
        EXPECT_TRUE(is_safe_path(path)) << path;
    for (const char* path : {"", "/a", "a/", "a//b", "..", "a/../b", "./a", "a/.", "a\\b", "a\nb", "\x1b[2J", "a\x7f",
                             "a\xc2\x9b"
                             "b"})
        EXPECT_FALSE(is_safe_path(path)) << path;
    EXPECT_FALSE(is_safe_path(std::string_view("a\0b", 3)));
}

TEST(Commit, HasFortyDigits) {
    EXPECT_TRUE(is_commit("0123456789abcdef0123456789abcdef01234567"));
    EXPECT_FALSE(is_commit("0123456789abcdef0123456789abcdef0123456"));
    EXPECT_FALSE(is_commit("0123456789ABCDEF0123456789abcdef01234567"));
    EXPECT_FALSE(is_commit("../../../../../../../../../../../../../."));
}

}  // namespace
}  // namespace easel::hub
