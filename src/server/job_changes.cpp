#include "server/job_changes.h"

#include <atomic>
#include <mutex>
#include <utility>

#include <fmt/format.h>

namespace easel::server {
namespace {

/// Sent while nothing changes: a comment, which clients pass over.
constexpr const char* pulse = ":\n\n";

/// Follows a job for one client. The job holds it until the job is over or the client is gone.
class Follower : public std::enable_shared_from_this<Follower> {
  public:
    Follower(const Call& call, std::shared_ptr<Job> job, JobChanges changes)
        : call_(call), job_(std::move(job)), changes_(std::move(changes)) {}

    void begin() {
        answer_stream(call_, {.type = "text/event-stream"}, pulse);
        const std::size_t observer = job_->observe([self = shared_from_this()] { self->report_soon(); });
        call_.exchange->when_gone([job = std::weak_ptr(job_), observer, on_gone = changes_.on_gone] {
            if (const auto followed = job.lock()) followed->forget(observer);
            if (on_gone) on_gone();
        });
        report_soon();
    }

  private:
    /// Whoever changes the job does not wait.
    void report_soon() {
        if (is_due_.exchange(true)) return;
        call_.service.workers.run([self = shared_from_this()] {
            self->is_due_ = false;
            self->report();
        });
    }

    void report() {
        const std::lock_guard lock(mutex_);
        if (is_over_) return;
        const JobStatus status = job_->status();
        is_over_ = status.is_over();
        changes_.report(status);
        if (is_over_) call_.exchange->end_stream();
    }

    const Call call_;
    const std::shared_ptr<Job> job_;
    const JobChanges changes_;
    std::atomic<bool> is_due_ = false;
    std::mutex mutex_;
    bool is_over_ = false;
};

}  // namespace

void answer_with_changes(const Call& call, const std::shared_ptr<Job>& job, JobChanges changes) {
    std::make_shared<Follower>(call, job, std::move(changes))->begin();
}

void send_event(Exchange& exchange, const std::string& fields, const std::string& data) {
    exchange.send(fmt::format("{}data: {}\n\n", fields, data));
}

}  // namespace easel::server
