#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <easel/easel.h>

#include "server/drawing.h"

namespace easel::server {

enum class JobState { queued, running, done, failed, cancelled };

/// "queued", "running", ...
std::string_view name(JobState state);

struct DrawnPicture {
    Picture picture;
    std::uint64_t seed = 0;
    /// Result::parameters.
    std::string parameters;
};

/// A job at one moment.
struct JobStatus {
    JobState state = JobState::queued;
    /// How often the job has changed, from 1.
    std::uint64_t changes = 1;
    /// Of all its work, 0 to 1; never falls.
    double progress = 0.0;
    /// The picture that is drawn, counted from 0.
    int picture = 0;
    /// Of that picture.
    Stage stage = Stage::load;
    int step = 0;
    int steps = 0;
    bool interrupted = false;
    bool skipped = false;
    /// From when it was made until it was begun or is over, or until now.
    double seconds_waited = 0.0;
    /// Since it was begun; 0 before.
    double seconds = 0.0;
    /// Null while there is none.
    std::shared_ptr<const Picture> preview;
    std::vector<std::shared_ptr<const DrawnPicture>> pictures;
    /// What Callbacks::note said, each sentence once.
    std::vector<std::string> notes;
    /// What was thrown, where the state is failed or cancelled.
    std::exception_ptr thrown;

    bool is_over() const { return state != JobState::queued && state != JobState::running; }
    /// Until it is done, as far as can be told; 0 when that cannot.
    double seconds_left() const { return progress > 0.0 && !is_over() ? seconds * (1.0 / progress - 1.0) : 0.0; }
};

/// A drawing on its way through the server. May be used by several threads.
class Job {
  public:
    /// `client` is whoever asked for it; empty for the server itself.
    Job(std::string id, Drawing drawing, std::string client = {})
        : id_(std::move(id)), client_(std::move(client)), drawing_(std::move(drawing)) {}

    const std::string& id() const { return id_; }
    const std::string& client() const { return client_; }
    const Drawing& drawing() const { return drawing_; }
    JobStatus status() const;
    /// "20261127035500", or empty before it was begun.
    std::string begun_at() const;

    /// Ends the picture that is drawn as it is, and draws no further one.
    void interrupt();
    /// The same, but goes on with the next picture.
    void skip();
    /// Ends it without a picture.
    void cancel() { cancel_.request_stop(); }

    /// `changed` is called after each change of the status, on the thread that made it, until forget().
    std::size_t observe(std::function<void()> changed);
    void forget(std::size_t observer);
    /// Its place in the queue has changed.
    void move_up();
    /// Calls `over` once, when it is over; at once if it is already.
    void when_over(std::function<void()> over);

    // For the thread that draws.
    std::stop_token cancelled() const { return cancel_.get_token(); }
    void begin();
    /// Returns the token of Callbacks::finish.
    std::stop_token begin_picture(int index);
    void report(const Progress& progress);
    void note(const std::string& sentence);
    void add(DrawnPicture picture);
    void end(JobState state, std::exception_ptr thrown = nullptr);

  private:
    void notify();

    const std::string id_;
    const std::string client_;
    const Drawing drawing_;
    const std::chrono::steady_clock::time_point made_ = std::chrono::steady_clock::now();
    std::stop_source cancel_;

    mutable std::mutex mutex_;
    JobStatus status_;
    std::stop_source finish_;
    std::chrono::steady_clock::time_point begun_;
    std::chrono::system_clock::time_point begun_at_;
    std::map<std::size_t, std::function<void()>> observers_;
    std::vector<std::function<void()>> over_;
    std::size_t next_observer_ = 0;
};

}  // namespace easel::server
