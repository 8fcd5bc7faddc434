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
    /// How to run a model; its `model` is of no account, and `refiner` is that of jobs that name none.
    EngineOptions engine;
    /// Where pictures are saved whose request asks for it; empty: nowhere.
    std::filesystem::path save_dir;
};

class StageTimer;

/// The one thread that draws: it takes one job after the other, and opens the model that each needs, with the refiner
/// that goes on with what it draws. Two models that begin are never open at once.
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
    /// What draws the last steps of a job; empty for nothing. Where it is left out, what is open may stay so.
    std::filesystem::path refiner_of(const Drawing& drawing, const NamedModel& model) const;
    Engine& open(const NamedModel& model, const std::filesystem::path& refiner, const Callbacks& callbacks,
                 const std::stop_token& stop);
    void unload();
    void enlarge(Job& job);

    const DrawingOptions options_;
    Models& models_;
    JobQueue& queue_;
    Metrics& metrics_;
    std::optional<Engine> engine_;
    /// With which it was opened.
    std::filesystem::path refiner_;
    /// For networks beside the engine's; the last upscaler is kept.
    std::optional<Runtime> runtime_;
    KeptUpscaler upscaler_;
    std::thread thread_;
};

}  // namespace easel::server
