#include "server/models.h"

#include <gtest/gtest.h>

#include "server/refusal.h"
#include "server/server.h"
#include "support/files.h"

namespace easel::server {
namespace {

TEST(Models, AreFoundByTitleFileAndShortName) {
    const testing::TemporaryFolder folder;
    const Models models(folder / "one.safetensors", [&] { return std::vector{folder / "two"}; });
    EXPECT_EQ(models.chosen(), "one.safetensors");
    EXPECT_EQ(models.find("").title, "one.safetensors");
    EXPECT_EQ(models.find("one").title, "one.safetensors");
    EXPECT_EQ(models.find("two").path, folder / "two");
    try {
        models.find("three");
        FAIL();
    } catch (const Refusal& refusal) {
        EXPECT_EQ(refusal.status(), 404);
        EXPECT_EQ(std::string(refusal.what()).find(folder.path().string()), std::string::npos) << "it tells a folder";
    }
}

TEST(Models, HaveTitlesThatDiffer) {
    const testing::TemporaryFolder folder;
    for (const char* name : {"a/sd15", "b/sd15"}) std::filesystem::create_directories(folder / name);
    const Models models(folder / "a/sd15/", [&] { return std::vector{folder / "b/sd15", folder / "a/../a/sd15"}; });
    ASSERT_EQ(models.list().size(), 2U);
    EXPECT_EQ(models.list()[0].title, "sd15");
    EXPECT_EQ(models.list()[1].title, "sd15 (2)");
}

TEST(Models, AreFoundAnewByRefresh) {
    std::vector<std::filesystem::path> others;
    Models models("one", [&] { return others; });
    others = {"two"};
    EXPECT_EQ(models.list().size(), 1U);
    models.refresh();
    EXPECT_EQ(models.list().size(), 2U);
}

TEST(ModelsInFolders, AreCheckpointsAndFoldersWithParts) {
    const testing::TemporaryFolder folder;
    for (const char* name : {"b.safetensors", "c.txt", "d/unet/config.json", "e/readme.txt"})
        testing::write_file(folder / name, "x");
    EXPECT_EQ(models_in({folder.path(), folder / "missing"}),
              (std::vector<std::filesystem::path>{folder / "b.safetensors", folder / "d"}));
}

}  // namespace
}  // namespace easel::server
