#include "server/models.h"

#include <gtest/gtest.h>

#include "server/refusal.h"
#include "server/server.h"
#include "support/files.h"

namespace easel::server {
namespace {

/// Models that are called as their files are.
std::vector<NamedModel> at(const std::vector<std::filesystem::path>& paths) {
    std::vector<NamedModel> models;
    for (const auto& path : paths) models.push_back({.title = "", .path = path});
    return models;
}

TEST(Models, MayHaveTitlesOfTheirOwn) {
    const Models models("one",
                        [] { return std::vector<NamedModel>{{.title = "owner/name", .path = "snapshots/0af"}}; });
    EXPECT_EQ(models.find("owner/name").path, "snapshots/0af");
    EXPECT_EQ(models.list()[1].title, "owner/name");
}

TEST(Models, AreFoundByTitleFileAndShortName) {
    const testing::TemporaryFolder folder;
    const Models models(folder / "one.safetensors", [&] { return at({folder / "two"}); });
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
    const Models models(folder / "a/sd15/", [&] { return at({folder / "b/sd15", folder / "a/../a/sd15"}); });
    ASSERT_EQ(models.list().size(), 2U);
    EXPECT_EQ(models.list()[0].title, "sd15");
    EXPECT_EQ(models.list()[1].title, "sd15 (2)");
}

TEST(Models, AreFoundAnewByRefresh) {
    std::vector<NamedModel> others;
    Models models("one", [&] { return others; });
    others = at({"two"});
    EXPECT_EQ(models.list().size(), 1U);
    models.refresh();
    EXPECT_EQ(models.list().size(), 2U);
}

TEST(ModelsInFolders, AreCheckpointsAndFoldersWithParts) {
    const testing::TemporaryFolder folder;
    for (const char* name : {"b.safetensors", "c.txt", "d/unet/config.json", "e/readme.txt"})
        testing::write_file(folder / name, "x");
    std::vector<std::filesystem::path> paths;
    for (const NamedModel& model : models_in({folder.path(), folder / "missing"})) paths.push_back(model.path);
    EXPECT_EQ(paths, (std::vector<std::filesystem::path>{folder / "b.safetensors", folder / "d"}));
}

}  // namespace
}  // namespace easel::server
