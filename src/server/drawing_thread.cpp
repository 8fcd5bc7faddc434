#include "server/drawing_thread.h"

#include <chrono>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/process.h"
#include "pictures/fit.h"
#include "server/part_of_picture.h"
#include "server/refusal.h"
#include "server/saved_pictures.h"
#include "settings/stored_settings.h"
#include "settings/table.h"

namespace easel::server {

/// Counts how long a job is in each stage.
class StageTimer {
  public:
    explicit StageTimer(Metrics& metrics) : metrics_(metrics) {}
    ~StageTimer() { leave(); }
    StageTimer(const StageTimer&) = delete;
    StageTimer& operator=(const StageTimer&) = delete;

    void enter(Stage stage) {
        if (stage_ == stage) return;
        leave();
        stage_ = stage;
        begun_ = std::chrono::steady_clock::now();
    }
    void leave() {
        if (!stage_) return;
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begun_;
        metrics_.count_stage(name(*stage_), seconds.count());
        stage_.reset();
    }

  private:
    Metrics& metrics_;
    std::optional<Stage> stage_;
    std::chrono::steady_clock::time_point begun_;
};

namespace {

void replace_all(std::string& text, const std::string& what, const std::string& with) {
    for (std::size_t at = 0; !what.empty() && (at = text.find(what, at)) != std::string::npos; at += with.size())
        text.replace(at, what.size(), with);
}

/// The error with the names of files in place of where they lie, which is nobody's business.
Error without_paths(const Error& error, const Drawing& drawing, const NamedModel& model = {},
                    const std::filesystem::path& refiner = {}) {
    std::string sentence = error.what();
    replace_all(sentence, model.path.string(), model.title);
    const auto name_alone = [&](const std::filesystem::path& file) {
        replace_all(sentence, file.string(), file.filename().string());
    };
    name_alone(refiner);
    const Request& request = drawing.request;
    for (const Lora& lora : request.loras) name_alone(lora.file);
    for (const Embedding& embedding : request.embeddings) name_alone(embedding.file);
    for (const Control& control : request.controls) name_alone(control.model);
    name_alone(request.hires_upscaler);
    for (const Enlargement& enlargement : drawing.enlargements) name_alone(enlargement.upscaler);
    return Error(error.kind(), sentence, error.field());
}

bool leaves_refiner_out(const Drawing& drawing) {
    return (drawing.refiner && drawing.refiner->empty()) || drawing.request.refiner_at == 1.0;
}

/// The init picture as what was drawn, with the text of its request but for the strength.
Result kept_picture(const Engine& engine, Request request) {
    const std::string entry = fmt::format("{}: ", setting("strength").stored_key);
    request.strength = 1.0;
    Result result;
    result.parameters = engine.parameters(request);
    // A model that changes pictures as the prompt says has no strength.
    if (const auto found = result.parameters.rfind(entry); found != std::string::npos)
        result.parameters.replace(found + entry.size(), 1, "0");
    result.seed = *parse_parameters(result.parameters, "the picture").request.seed;
    result.picture = *std::move(request.init_image);
    return result;
}

}  // namespace

DrawingThread::DrawingThread(DrawingOptions options, Models& models, JobQueue& queue, Metrics& metrics)
    : options_(std::move(options)), models_(models), queue_(queue), metrics_(metrics), thread_([this] { work(); }) {}

DrawingThread::~DrawingThread() {
    queue_.close();
    thread_.join();
}

void DrawingThread::work() {
    while (const auto job = queue_.next()) {
        job->begin();
        try {
            run(*job);
            queue_.finished();
            job->end(JobState::done);
        } catch (const Cancelled&) {
            queue_.finished();
            job->end(JobState::cancelled, std::current_exception());
        } catch (...) {
            queue_.finished();
            job->end(JobState::failed, std::current_exception());
        }
    }
}

void DrawingThread::run(Job& job) {
    if (job.drawing().task == Drawing::Task::unload) return unload();
    if (job.drawing().task == Drawing::Task::enlarge) return enlarge(job);
    const NamedModel model = models_.find(job.drawing().model);
    const std::filesystem::path refiner = refiner_of(job.drawing(), model);
    StageTimer timer(metrics_);
    Callbacks callbacks;
    callbacks.progress = [&](const Progress& progress) {
        timer.enter(progress.stage);
        job.report(progress);
    };
    callbacks.note = [&](const std::string& sentence) { job.note(sentence); };
    try {
        open(model, refiner, callbacks, job.cancelled());
        timer.leave();
        if (job.drawing().model_stays) models_.choose(model.title);
        draw(job, callbacks, timer);
    } catch (const Refusal&) {
        throw;
    } catch (const Cancelled&) {
        throw;
    } catch (const Error& error) {
        throw without_paths(error, job.drawing(), model, refiner);
    }
}

void DrawingThread::draw(Job& job, Callbacks callbacks, StageTimer& timer) {
    const Drawing& drawing = job.drawing();
    if (drawing.task != Drawing::Task::draw) return;
    callbacks.preview_every = 1;
    Request request = drawing.request;
    if (leaves_refiner_out(drawing)) request.refiner_at = 1.0;
    for (int i = 0; i < drawing.pictures && (i == 0 || !job.status().interrupted); ++i) {
        callbacks.finish = job.begin_picture(i);
        Result drawn = drawing.keeps_picture ? kept_picture(*engine_, request)
                                             : engine_->generate(request, callbacks, job.cancelled());
        timer.leave();
        request.seed = drawn.seed + 1;  // past the greatest seed they begin again at 0
        Picture picture = drawing.part ? put_back(*drawing.part, drawn.picture) : std::move(drawn.picture);
        DrawnPicture finished{std::move(picture), drawn.seed, std::move(drawn.parameters)};
        if (drawing.saves && !options_.save_dir.empty()) save_picture(options_.save_dir, job, i, finished);
        job.add(std::move(finished));
    }
}

void DrawingThread::enlarge(Job& job) {
    for (const Enlargement& asked : job.drawing().enlargements) {
        Upscaler* network = nullptr;
        if (!asked.upscaler.empty()) {
            if (!runtime_) runtime_.emplace(options_.engine);
            try {
                network = &upscaler_.get(asked.upscaler, *runtime_);
            } catch (const Error& error) {
                throw without_paths(error, job.drawing());
            }
        }
        const Picture large = enlarged(asked.picture, {asked.width, asked.height}, network, {}, {}, job.cancelled());
        if (job.cancelled().stop_requested()) throw Cancelled();
        const int left = (asked.width - asked.kept_width) / 2, top = (asked.height - asked.kept_height) / 2;
        job.add({.picture = cropped(large, left, top, asked.kept_width, asked.kept_height),
                 .parameters = asked.parameters});
    }
}

std::filesystem::path DrawingThread::refiner_of(const Drawing& drawing, const NamedModel& model) const {
    if (leaves_refiner_out(drawing))
        return engine_ && models_.opened_title() == model.title ? refiner_ : std::filesystem::path();
    return drawing.refiner ? models_.find(*drawing.refiner).path : options_.engine.refiner;
}

Engine& DrawingThread::open(const NamedModel& model, const std::filesystem::path& refiner, const Callbacks& callbacks,
                            const std::stop_token& stop) {
    if (engine_ && models_.opened_title() == model.title && refiner_ == refiner) return *engine_;
    unload();
    EngineOptions options = options_.engine;
    options.model = model.path;
    options.refiner = refiner_ = refiner;
    engine_.emplace(options, callbacks, stop);
    models_.set_opened(model.title, engine_->info());
    return *engine_;
}

void DrawingThread::unload() {
    models_.set_unloaded();
    if (!engine_) return;
    engine_.reset();
    return_free_memory();
}

}  // namespace easel::server
