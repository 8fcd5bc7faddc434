#include "base/field_names.h"

#include <gtest/gtest.h>

namespace easel {
namespace {

std::string renamed(std::string_view sentence) {
    return with_field_names(sentence, [](std::string_view field) -> std::optional<std::string> {
        if (field == "mask_blur") return "--mask-blur";
        if (field == "mask") return "--mask";
        return std::nullopt;
    });
}

TEST(FieldNames, KnownFieldsAreRenamedWhereverTheyStand) {
    EXPECT_EQ(renamed("`mask_blur` 3: needs a `mask`"), "--mask-blur 3: needs a --mask");
    EXPECT_EQ(renamed("`mask``mask`"), "--mask--mask");
}

TEST(FieldNames, OtherTextStays) {
    for (const std::string text : {"", "`", "``", "no field", "`mask", "mask`", "`other`", "`Mask`", "`a b`"})
        EXPECT_EQ(renamed(text), text);
    EXPECT_EQ(renamed("a ` and `mask`"), "a ` and --mask");
}

}  // namespace
}  // namespace easel
