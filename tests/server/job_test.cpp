#include "server/job.h"

#include <gtest/gtest.h>

namespace easel::server {
namespace {

Progress step(int done, int all, const Preview* preview = nullptr) {
    return {.stage = Stage::denoise, .step = done, .steps = all, .preview = preview};
}

TEST(Job, TellsProgressOverAllItsPicturesAndNeverFalls) {
    Job job("1", {.pictures = 2});
    EXPECT_EQ(job.status().progress, 0.0);
    job.begin();
    double last = job.status().progress;
    EXPECT_GT(last, 0.0);
    for (int picture = 0; picture < 2; ++picture) {
        job.begin_picture(picture);
        for (int done = 0; done <= 4; ++done) {
            job.report(step(done, 4));
            EXPECT_GE(job.status().progress, last);
            last = job.status().progress;
        }
        job.add({});
        EXPECT_EQ(job.status().progress, (picture + 1) / 2.0);
        last = job.status().progress;
    }
    EXPECT_EQ(job.status().pictures.size(), 2U);
}

TEST(Job, KeepsTheLastPreviewWhileItRuns) {
    Job job("1", {});
    job.begin();
    job.begin_picture(0);
    const Preview preview{.picture = {1, 1, {1, 2, 3}}};
    job.report(step(1, 4, &preview));
    job.report(step(2, 4));
    ASSERT_NE(job.status().preview, nullptr);
    EXPECT_EQ(*job.status().preview, preview.picture);
    job.end(JobState::done);
    EXPECT_EQ(job.status().preview, nullptr);
}

TEST(Job, InterruptFinishesAllPicturesAndSkipOne) {
    Job job("1", {.pictures = 3});
    job.begin();
    const auto first = job.begin_picture(0);
    job.skip();
    EXPECT_TRUE(first.stop_requested());
    const auto second = job.begin_picture(1);
    EXPECT_FALSE(second.stop_requested());
    job.interrupt();
    EXPECT_TRUE(second.stop_requested());
    EXPECT_TRUE(job.status().interrupted);
    EXPECT_TRUE(job.begin_picture(2).stop_requested());
    EXPECT_FALSE(job.cancelled().stop_requested());
}

TEST(Job, TellsItsObserversUntilTheyAreForgotten) {
    Job job("1", {});
    int told = 0;
    const std::size_t observer = job.observe([&] { ++told; });
    job.begin();
    EXPECT_EQ(told, 1);
    job.forget(observer);
    job.report(step(1, 2));
    EXPECT_EQ(told, 1);
}

TEST(Job, IsOverOnceAndSaysSoOnceAlsoToWhoComesLate) {
    Job job("1", {});
    int over = 0;
    job.when_over([&] { ++over; });
    job.end(JobState::cancelled, std::make_exception_ptr(Cancelled()));
    job.end(JobState::done);
    EXPECT_EQ(job.status().state, JobState::cancelled);
    EXPECT_EQ(over, 1);
    job.when_over([&] { ++over; });
    EXPECT_EQ(over, 2);
}

TEST(Job, SaysEachNoteOnce) {
    Job job("1", {.pictures = 2});
    for (const char* note : {"a", "b", "a"}) job.note(note);
    EXPECT_EQ(job.status().notes, (std::vector<std::string>{"a", "b"}));
}

}  // namespace
}  // namespace easel::server
