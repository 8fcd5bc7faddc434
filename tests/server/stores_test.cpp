#include <gtest/gtest.h>

#include "server/job_store.h"
#include "server/picture_store.h"
#include "server/refusal.h"

namespace easel::server {
namespace {

TEST(JobStore, FindsJobsUntilTheyAreRemoved) {
    JobStore store;
    const auto job = std::make_shared<Job>("1", Drawing());
    store.add(job);
    EXPECT_EQ(store.find("1"), job);
    EXPECT_EQ(store.find("2"), nullptr);
    store.remove("1");
    EXPECT_EQ(store.find("1"), nullptr);
}

TEST(JobStore, KeepsSoManyBytesOfPicturesAndForgetsTheOldest) {
    JobStore store;
    const std::size_t half = JobStore::most_bytes / 2;
    for (const char* id : {"1", "2", "3"}) {
        const auto job = std::make_shared<Job>(id, Drawing());
        store.add(job);
        job->begin();
        job->add({.picture = {1, 1, std::vector<std::uint8_t>(half)}});
        job->end(JobState::done);
        store.find(id);
    }
    EXPECT_EQ(store.find("1"), nullptr);
    EXPECT_NE(store.find("2"), nullptr);
    EXPECT_NE(store.find("3"), nullptr);
}

TEST(JobStore, KnowsARequestByItsKey) {
    JobStore store;
    const auto job = std::make_shared<Job>("1", Drawing());
    EXPECT_EQ(store.find_by_key("k", "{}"), nullptr);
    store.remember_key("k", "{}", job);
    EXPECT_EQ(store.find_by_key("k", "{}"), job);
    EXPECT_THROW(store.find_by_key("k", "{\"steps\": 2}"), Refusal);
}

TEST(PictureStore, KeepsSoManyBytesAndForgetsTheOldest) {
    PictureStore store;
    const std::string first = store.add({"image/png", "x"});
    ASSERT_NE(store.find(first), nullptr);
    EXPECT_EQ(store.find(first)->bytes, "x");
    const std::string second = store.add({"image/png", std::string(PictureStore::most_bytes, 'y')});
    EXPECT_EQ(store.find(first), nullptr);
    EXPECT_NE(store.find(second), nullptr);
    EXPECT_NE(first, second);
    EXPECT_EQ(store.find("no"), nullptr);
}

}  // namespace
}  // namespace easel::server
