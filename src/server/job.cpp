#include "server/job.h"

#include <algorithm>
#include <utility>

#include <fmt/chrono.h>

namespace easel::server {
namespace {

/// Of a picture's work, what is done when its last step is: the rest is decoding.
constexpr double share_of_steps = 0.95;
/// What is told of a job that has begun, so that it is not taken for none.
constexpr double least_progress = 0.01;

double seconds_since(std::chrono::steady_clock::time_point time) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - time).count();
}

}  // namespace

std::string_view name(JobState state) {
    constexpr std::string_view names[] = {"queued", "running", "done", "failed", "cancelled"};
    return names[static_cast<std::size_t>(state)];
}

JobStatus Job::status() const {
    const std::lock_guard lock(mutex_);
    JobStatus status = status_;
    if (status.state == JobState::queued) status.seconds_waited = seconds_since(made_);
    if (status.state == JobState::running) status.seconds = seconds_since(begun_);
    return status;
}

std::string Job::begun_at() const {
    const std::lock_guard lock(mutex_);
    if (status_.state == JobState::queued) return {};
    return fmt::format("{:%Y%m%d%H%M%S}", fmt::gmtime(std::chrono::system_clock::to_time_t(begun_at_)));
}

void Job::interrupt() {
    const std::lock_guard lock(mutex_);
    status_.interrupted = true;
    finish_.request_stop();
}

void Job::skip() {
    const std::lock_guard lock(mutex_);
    status_.skipped = true;
    finish_.request_stop();
}

std::size_t Job::observe(std::function<void()> changed) {
    const std::lock_guard lock(mutex_);
    if (!status_.is_over()) observers_[next_observer_] = std::move(changed);
    return next_observer_++;
}

void Job::forget(std::size_t observer) {
    const std::lock_guard lock(mutex_);
    observers_.erase(observer);
}

void Job::when_over(std::function<void()> over) {
    {
        const std::lock_guard lock(mutex_);
        if (!status_.is_over()) {
            over_.push_back(std::move(over));
            return;
        }
    }
    over();
}

void Job::notify() {
    std::vector<std::function<void()>> observers;
    {
        const std::lock_guard lock(mutex_);
        ++status_.changes;
        for (const auto& [number, changed] : observers_) observers.push_back(changed);
    }
    for (const auto& changed : observers) changed();
}

void Job::move_up() { notify(); }

void Job::begin() {
    {
        const std::lock_guard lock(mutex_);
        status_.state = JobState::running;
        status_.progress = least_progress;
        status_.seconds_waited = seconds_since(made_);
        begun_ = std::chrono::steady_clock::now();
        begun_at_ = std::chrono::system_clock::now();
    }
    notify();
}

std::stop_token Job::begin_picture(int index) {
    const std::lock_guard lock(mutex_);
    status_.picture = index;
    status_.step = status_.steps = 0;
    status_.skipped = false;
    finish_ = std::stop_source();
    if (status_.interrupted) finish_.request_stop();
    return finish_.get_token();
}

void Job::report(const Progress& progress) {
    {
        const std::lock_guard lock(mutex_);
        status_.stage = progress.stage;
        if (progress.stage == Stage::denoise) {
            status_.step = progress.step;
            status_.steps = progress.steps;
        }
        if (progress.preview && progress.preview->picture.width > 0)
            status_.preview = std::make_shared<const Picture>(progress.preview->picture);
        const double picture = status_.steps > 0 ? share_of_steps * status_.step / status_.steps : 0.0;
        status_.progress = std::max(status_.progress, (status_.picture + picture) / drawing_.pictures);
    }
    notify();
}

void Job::note(const std::string& sentence) {
    const std::lock_guard lock(mutex_);
    if (std::ranges::find(status_.notes, sentence) == status_.notes.end()) status_.notes.push_back(sentence);
}

void Job::add(DrawnPicture picture) {
    {
        const std::lock_guard lock(mutex_);
        status_.pictures.push_back(std::make_shared<const DrawnPicture>(std::move(picture)));
        status_.progress = std::max(status_.progress, static_cast<double>(status_.pictures.size()) / drawing_.pictures);
    }
    notify();
}

void Job::end(JobState state, std::exception_ptr thrown) {
    std::vector<std::function<void()>> over;
    {
        const std::lock_guard lock(mutex_);
        if (status_.is_over()) return;
        if (status_.state == JobState::queued) status_.seconds_waited = seconds_since(made_);
        if (status_.state == JobState::running) status_.seconds = seconds_since(begun_);
        status_.state = state;
        status_.thrown = std::move(thrown);
        status_.preview = nullptr;
        over = std::exchange(over_, {});
    }
    notify();
    for (const auto& call : over) call();
    const std::lock_guard lock(mutex_);
    observers_.clear();
}

}  // namespace easel::server
