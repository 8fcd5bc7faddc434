#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>

#include "server/job.h"

namespace easel::server {

/// The jobs that wait, in the order in which they came, and the one that runs. May be used by several threads.
class JobQueue {
  public:
    /// `capacity` jobs may wait; of those that wait or run one client may have `most_per_client`, or any number where
    /// it is 0.
    explicit JobQueue(std::size_t capacity, std::size_t most_per_client = 0)
        : capacity_(capacity), most_per_client_(most_per_client) {}

    std::size_t capacity() const { return capacity_; }

    /// Throws Refusal with the seconds after which to try again: 503 when the queue is full or closed, 429 when the
    /// job's client has as many as it may have.
    void add(const std::shared_ptr<Job>& job);
    /// Ends a job that waits, and asks one that runs to end; both are cancelled.
    void cancel(Job& job);
    /// From now on nothing is added.
    void stop_taking();
    /// Whether no job waits or runs; waits for that, at most so long.
    bool wait_until_idle(std::chrono::milliseconds longest);
    /// Cancels what waits, and ends what runs with the picture as it is.
    void end_early();
    /// The same as stop_taking(), and what waits or runs is cancelled.
    void close();

    /// The job that runs; null when none does.
    std::shared_ptr<Job> running() const;
    /// How many wait.
    std::size_t waiting() const;
    /// 1 for the job that is next, 0 for one that does not wait.
    std::size_t position_of(const Job& job) const;

    // For the thread that draws.
    /// Waits for the next job, which then runs; null when closed.
    std::shared_ptr<Job> next();
    /// The job that runs is over.
    void finished();

  private:
    int seconds_to_wait() const;
    std::size_t jobs_of(const std::string& client) const;

    const std::size_t capacity_, most_per_client_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::shared_ptr<Job>> waiting_;
    std::shared_ptr<Job> running_;
    bool takes_more_ = true, closed_ = false;
    /// Of the jobs so far, the later ones counting more; 0 before the first.
    double mean_seconds_ = 0.0;
};

}  // namespace easel::server
