#include "server/job_queue.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "server/refusal.h"

namespace easel::server {
namespace {

constexpr double weight_of_last_job = 0.2;
constexpr int longest_wait = 60;

[[noreturn]] void refuse_for_now(int status, const char* sentence, int seconds) {
    Refusal refusal(status, sentence);
    refusal.retry_after = seconds;
    throw refusal;
}

void cancel_unbegun(const std::deque<std::shared_ptr<Job>>& waiting) {
    for (const auto& job : waiting)
        job->end(JobState::cancelled, std::make_exception_ptr(Cancelled("the server ended before this was drawn")));
}

}  // namespace

int JobQueue::seconds_to_wait() const {
    const double seconds = mean_seconds_ * static_cast<double>(waiting_.size() + 1);
    return static_cast<int>(std::clamp(std::ceil(seconds), 1.0, static_cast<double>(longest_wait)));
}

std::size_t JobQueue::jobs_of(const std::string& client) const {
    const auto is_theirs = [&](const std::shared_ptr<Job>& job) { return job->client() == client; };
    const auto waiting = std::ranges::count_if(waiting_, is_theirs);
    return static_cast<std::size_t>(waiting) + (running_ && is_theirs(running_) ? 1 : 0);
}

void JobQueue::add(const std::shared_ptr<Job>& job) {
    {
        const std::lock_guard lock(mutex_);
        if (!takes_more_) refuse_for_now(503, "the server is about to end and takes no more work", longest_wait);
        if (waiting_.size() >= capacity_) refuse_for_now(503, "the queue is full; try again later", seconds_to_wait());
        if (most_per_client_ > 0 && jobs_of(job->client()) >= most_per_client_)
            refuse_for_now(429, "you have as many jobs here as one client may have; try again later",
                           seconds_to_wait());
        waiting_.push_back(job);
    }
    changed_.notify_all();
}

void JobQueue::cancel(Job& job) {
    job.cancel();
    std::shared_ptr<Job> removed;
    {
        const std::lock_guard lock(mutex_);
        const auto found =
            std::ranges::find_if(waiting_, [&](const std::shared_ptr<Job>& waiting) { return waiting.get() == &job; });
        if (found == waiting_.end()) return;
        removed = *found;
        waiting_.erase(found);
    }
    removed->end(JobState::cancelled, std::make_exception_ptr(Cancelled()));
}

void JobQueue::stop_taking() {
    const std::lock_guard lock(mutex_);
    takes_more_ = false;
}

bool JobQueue::wait_until_idle(std::chrono::milliseconds longest) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, longest, [this] { return waiting_.empty() && !running_; });
}

void JobQueue::end_early() {
    std::deque<std::shared_ptr<Job>> waiting;
    {
        const std::lock_guard lock(mutex_);
        waiting = std::exchange(waiting_, {});
        if (running_) running_->interrupt();
    }
    changed_.notify_all();
    cancel_unbegun(waiting);
}

void JobQueue::close() {
    std::deque<std::shared_ptr<Job>> waiting;
    {
        const std::lock_guard lock(mutex_);
        takes_more_ = false;
        closed_ = true;
        waiting = std::exchange(waiting_, {});
        if (running_) running_->cancel();
    }
    changed_.notify_all();
    cancel_unbegun(waiting);
}

std::shared_ptr<Job> JobQueue::running() const {
    const std::lock_guard lock(mutex_);
    return running_;
}

std::size_t JobQueue::waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
}

std::size_t JobQueue::position_of(const Job& job) const {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < waiting_.size(); ++i)
        if (waiting_[i].get() == &job) return i + 1;
    return 0;
}

std::shared_ptr<Job> JobQueue::next() {
    std::shared_ptr<Job> next;
    std::deque<std::shared_ptr<Job>> moved_up;
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
        if (waiting_.empty()) return nullptr;  // closed
        next = running_ = std::move(waiting_.front());
        waiting_.pop_front();
        moved_up = waiting_;
    }
    for (const auto& job : moved_up) job->move_up();
    return next;
}

void JobQueue::finished() {
    {
        const std::lock_guard lock(mutex_);
        const double seconds = running_->status().seconds;
        mean_seconds_ =
            mean_seconds_ == 0.0 ? seconds : (1.0 - weight_of_last_job) * mean_seconds_ + weight_of_last_job * seconds;
        running_ = nullptr;
    }
    changed_.notify_all();
}

}  // namespace easel::server
