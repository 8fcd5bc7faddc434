#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <thread>

#include <easel/easel.h>

#include "pipeline/upscaler.h"
#include "server/job_queue.h"
#include "server/metrics.h"
#include "server/models.h"

namespace easel::server {

struct DrawingOptions {
    /// How to run a model; its `model` is of no account.
    EngineOptions engine;
    /// Where pictures are saved whose request asks for it; empty: nowhere.
    std::filesystem::path save_dir;
};

class StageTimer;

/// The one thread that draws: it takes one job after the other, and opens the model that each needs. Two models are
/// never open at once.
class DrawingThread {
  public:
    DrawingThread(DrawingOptions options, Models& models, JobQueue& queue, Metrics& metrics);
    /// Closes the queue and waits for the job that runs.
    ~DrawingThread();
    DrawingThread(const DrawingThread&) = delete;
    DrawingThread& operator=(const DrawingThread&) = delete;

  private:
    void work();
    void run(Job& job);
    void draw(Job& job, Callbacks callbacks, StageTimer& timer);
    Engine& open(const NamedModel& model, const Callbacks& callbacks, const std::stop_token& stop);
    void unload();
    void enlarge(Job& job);

    DrawingOptions options_;
    Models& models_;
    JobQueue& queue_;
    Metrics& metrics_;
    std::optional<Engine> engine_;
    /// For networks beside the engine's; the last upscaler is kept.
    std::optional<Runtime> runtime_;
    KeptUpscaler upscaler_;
    std::thread thread_;
};

}  // namespace easel::server
