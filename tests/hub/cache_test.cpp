#include "hub/cache.h"

#include <algorithm>
#include <chrono>
#include <filesystem>

#include <gtest/gtest.h>

#include "hub/file_lock.h"
#include "hub/retry.h"
#include "support/files.h"

namespace easel::hub {
namespace {

namespace fs = std::filesystem;
using testing::expect_says;
using testing::sentence_of;
using testing::write_file;

const std::string commit = "0123456789abcdef0123456789abcdef01234567";
const std::string blob_name(64, 'b');

class CacheTest : public ::testing::Test {
  protected:
    const fs::path& cache() const { return temporary_.path(); }

    testing::TemporaryFolder temporary_;
    ModelName model_{.owner = "someone", .name = "model"};
    RepositoryFolder folder_{temporary_.path(), model_};
};

TEST_F(CacheTest, LinksAreRelativeSoThatTheCacheCanBeMoved) {
    write_file(folder_.blob(blob_name), "weights");
    folder_.link(commit, "unet/w.safetensors", blob_name);
    folder_.link(commit, "top.json", blob_name);
    const fs::path snapshot = cache() / "models--someone--model" / "snapshots" / commit;
    EXPECT_EQ(fs::read_symlink(snapshot / "unet/w.safetensors"), "../../../blobs/" + blob_name);
    EXPECT_EQ(fs::read_symlink(snapshot / "top.json"), "../../blobs/" + blob_name);
    EXPECT_EQ(testing::read_file(snapshot / "unet/w.safetensors"), "weights");
    EXPECT_EQ(files_in(snapshot), (std::vector<std::string>{"top.json", "unet/w.safetensors"}));
}

TEST_F(CacheTest, ALinkReplacesOneThatLeadsNowhere) {
    fs::create_directories(folder_.snapshot(commit));
    fs::create_symlink("../../blobs/gone", folder_.snapshot(commit) / "a");
    EXPECT_TRUE(files_in(folder_.snapshot(commit)).empty());
    write_file(folder_.blob(blob_name), "x");
    folder_.link(commit, "a", blob_name);
    EXPECT_EQ(files_in(folder_.snapshot(commit)), std::vector<std::string>{"a"});
}

TEST_F(CacheTest, ARevisionStandsForTheCommitThatWasNoted) {
    EXPECT_EQ(folder_.commit_of("main"), std::nullopt);
    EXPECT_EQ(folder_.commit_of(commit), commit);
    folder_.set_commit_of("refs/pr/1", commit);
    EXPECT_EQ(folder_.commit_of("refs/pr/1"), commit);
    EXPECT_EQ(testing::read_file(folder_.path / "refs/refs/pr/1"), commit);
    write_file(folder_.path / "refs/main", "../../..");
    EXPECT_EQ(folder_.commit_of("main"), std::nullopt);
}

TEST_F(CacheTest, ListsRepositoriesOfModelsWithTheirSizes) {
    write_file(folder_.blob(blob_name), std::string(1000, 'x'));
    write_file(folder_.path / "blobs/c.incomplete", std::string(500, 'x'));
    folder_.link(commit, "a", blob_name);
    folder_.set_commit_of("main", commit);
    fs::create_directories(cache() / "datasets--someone--data");
    fs::create_directories(cache() / "models--without-owner");
    write_file(cache() / "version.txt", "1");
    const auto models = cached_models(cache());
    ASSERT_EQ(models.size(), 1U);
    EXPECT_EQ(models[0].name.id(), "someone/model");
    EXPECT_EQ(models[0].bytes, 1500U + commit.size());
    ASSERT_EQ(models[0].snapshots.size(), 1U);
    EXPECT_EQ(models[0].snapshots[0].commit, commit);
    EXPECT_EQ(models[0].snapshots[0].revisions, std::vector<std::string>{"main"});
    EXPECT_TRUE(cached_models(cache() / "missing").empty());
}

TEST_F(CacheTest, RemovesARepositoryAndNothingElse) {
    write_file(cache() / "outside", "kept");
    write_file(folder_.blob(blob_name), std::string(1000, 'x'));
    fs::create_symlink(cache() / "outside", folder_.path / "blobs/link");
    write_file(folder_.lock(blob_name), "");
    write_file(RepositoryFolder(cache(), {.owner = "someone", .name = "else"}).blob(blob_name), "kept");
    EXPECT_EQ(remove_cached_model(cache(), model_), 1000U);
    EXPECT_FALSE(fs::exists(folder_.path));
    EXPECT_FALSE(fs::exists(folder_.locks));
    EXPECT_EQ(testing::read_file(cache() / "outside"), "kept");
    EXPECT_EQ(cached_models(cache()).size(), 1U);
    expect_says(sentence_of([&] { remove_cached_model(cache(), model_); }), {"someone/model", cache().string()});
}

TEST_F(CacheTest, DoesNotRemoveWhatIsBeingDownloaded) {
    write_file(folder_.blob(blob_name), "x");
    folder_.make();
    const auto held = FileLock::try_now(folder_.lock(blob_name));
    ASSERT_TRUE(held);
    expect_says(sentence_of([&] { remove_cached_model(cache(), model_); }), {"someone/model", "download"});
    EXPECT_TRUE(fs::exists(folder_.blob(blob_name)));
}

TEST_F(CacheTest, ALockIsOnePersonsAndWaitingForItCanBeStopped) {
    const fs::path path = cache() / "lock";
    auto held = FileLock::try_now(path);
    ASSERT_TRUE(held);
    EXPECT_FALSE(FileLock::try_now(path));
    std::stop_source stop;
    int waits = 0;
    EXPECT_THROW(FileLock::wait(path, stop.get_token(),
                                [&] {
                                    ++waits;
                                    stop.request_stop();
                                }),
                 Cancelled);
    EXPECT_EQ(waits, 1);
    held.reset();
    EXPECT_TRUE(FileLock::try_now(path));
}

}  // namespace
}  // namespace easel::hub
