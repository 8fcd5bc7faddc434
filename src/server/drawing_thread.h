#pragma once

#include <optional>
#include <stop_token>
#include <thread>

#include <easel/easel.h>

#include "server/job_queue.h"
#include "server/models.h"

namespace easel::server {

/// The one thread that draws: it takes one job after the other, and opens the model that each needs. Two models are
/// never open at once.
class DrawingThread {
  public:
    /// `options` is how to run a model; its `model` is of no account.
    DrawingThread(EngineOptions options, Models& models, JobQueue& queue);
    /// Closes the queue and waits for the job that runs.
    ~DrawingThread();
    DrawingThread(const DrawingThread&) = delete;
    DrawingThread& operator=(const DrawingThread&) = delete;

  private:
    void work();
    void run(Job& job);
    void draw(Job& job);
    Engine& open(const NamedModel& model, const Callbacks& callbacks, const std::stop_token& stop);
    void unload();

    EngineOptions options_;
    Models& models_;
    JobQueue& queue_;
    std::optional<Engine> engine_;
    std::thread thread_;
};

}  // namespace easel::server
