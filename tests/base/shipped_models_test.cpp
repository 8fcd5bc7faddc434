#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include <easel/easel.h>

namespace easel {
namespace {

TEST(ShippedModels, LieBelowTheFolderThatEaselHomeNames) {
    ::setenv("EASEL_HOME", "/some/where", 1);
    EXPECT_EQ(find_shipped_model("a-model"), "/some/where/models/a-model");
    ::unsetenv("EASEL_HOME");
}

TEST(ShippedModels, AreNoneWhereNoneWereInstalled) {
    ::setenv("EASEL_HOME", "", 1);  // counts as unset
    EXPECT_EQ(find_shipped_model(), std::nullopt);
    ::unsetenv("EASEL_HOME");
}

TEST(Version, OfTheLibraryIsThatOfTheHeaders) {
    EXPECT_EQ(version(), EASEL_VERSION_STRING);
    EXPECT_EQ(version(), std::to_string(EASEL_VERSION_MAJOR) + "." + std::to_string(EASEL_VERSION_MINOR) + "." +
                             std::to_string(EASEL_VERSION_PATCH));
}

}  // namespace
}  // namespace easel
