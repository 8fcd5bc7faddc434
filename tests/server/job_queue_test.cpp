#include "server/job_queue.h"

#include <thread>

#include <gtest/gtest.h>

#include "server/refusal.h"

namespace easel::server {
namespace {

std::shared_ptr<Job> job(const char* id) { return std::make_shared<Job>(id, Drawing()); }

/// Takes the next job and ends it.
std::string run_one(JobQueue& queue) {
    const auto next = queue.next();
    next->begin();
    queue.finished();
    next->end(JobState::done);
    return next->id();
}

TEST(JobQueue, GivesJobsInTheirOrder) {
    JobQueue queue(8);
    const auto first = job("1"), second = job("2");
    queue.add(first);
    queue.add(second);
    EXPECT_EQ(queue.position_of(*second), 2U);
    EXPECT_EQ(queue.waiting(), 2U);
    EXPECT_EQ(queue.next(), first);
    EXPECT_EQ(queue.running(), first);
    EXPECT_EQ(queue.position_of(*first), 0U);
    EXPECT_EQ(queue.position_of(*second), 1U);
    queue.finished();
    EXPECT_EQ(queue.running(), nullptr);
}

TEST(JobQueue, RefusesWhatIsTooMuchAndSaysWhenToTryAgain) {
    JobQueue queue(1);
    queue.add(job("1"));
    try {
        queue.add(job("2"));
        FAIL();
    } catch (const Refusal& refusal) {
        EXPECT_EQ(refusal.status(), 503);
        EXPECT_GE(refusal.retry_after, 1);
        EXPECT_LE(refusal.retry_after, 60);
    }
    EXPECT_EQ(run_one(queue), "1");
    queue.add(job("3"));
    EXPECT_EQ(run_one(queue), "3");
}

TEST(JobQueue, TellsThoseBehindThatTheyMovedUp) {
    JobQueue queue(8);
    const auto second = job("2");
    queue.add(job("1"));
    queue.add(second);
    int told = 0;
    second->observe([&] { ++told; });
    queue.next();
    EXPECT_EQ(told, 1);
}

TEST(JobQueue, CancelledJobThatWaitsIsNeverRun) {
    JobQueue queue(8);
    const auto first = job("1"), second = job("2");
    queue.add(first);
    queue.add(second);
    bool over = false;
    first->when_over([&] { over = true; });
    queue.cancel(*first);
    EXPECT_TRUE(over);
    EXPECT_EQ(first->status().state, JobState::cancelled);
    EXPECT_EQ(run_one(queue), "2");
}

TEST(JobQueue, CancelledJobThatRunsIsAskedToEnd) {
    JobQueue queue(8);
    const auto only = job("1");
    queue.add(only);
    queue.next();
    queue.cancel(*only);
    EXPECT_TRUE(only->cancelled().stop_requested());
    EXPECT_EQ(only->status().state, JobState::queued);  // whoever runs it says when it is over
}

TEST(JobQueue, ClosedGivesNothingAndCancelsWhatWaits) {
    JobQueue queue(8);
    const auto running = job("1"), waiting = job("2");
    queue.add(running);
    queue.add(waiting);
    queue.next();
    queue.close();
    EXPECT_TRUE(running->cancelled().stop_requested());
    EXPECT_EQ(waiting->status().state, JobState::cancelled);
    EXPECT_EQ(queue.next(), nullptr);
    EXPECT_THROW(queue.add(job("3")), Refusal);
}

TEST(JobQueue, DrawsWhatWaitsOnceItTakesNoMore) {
    JobQueue queue(8);
    queue.add(job("1"));
    queue.stop_taking();
    EXPECT_THROW(queue.add(job("2")), Refusal);
    EXPECT_FALSE(queue.wait_until_idle(std::chrono::milliseconds(1)));
    EXPECT_EQ(run_one(queue), "1");
    EXPECT_TRUE(queue.wait_until_idle(std::chrono::milliseconds(1)));
}

TEST(JobQueue, WakesTheThreadThatDraws) {
    JobQueue queue(8);
    std::string got;
    std::thread drawing([&] { got = run_one(queue); });
    queue.add(job("1"));
    drawing.join();
    EXPECT_EQ(got, "1");
}

}  // namespace
}  // namespace easel::server
