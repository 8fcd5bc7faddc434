#include "train/run.h"

#include <chrono>

#include <easel/easel.h>

#include "base/error.h"
#include "base/files.h"

namespace easel::train {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

}  // namespace

void run(Trainer& trainer, const RunFolder& folder, const std::string& identity, const OnStep& on_step,
         std::stop_token stop) {
    RunState done{.identity = identity};
    if (path_exists(folder.checkpoint())) {
        done = load_state(folder.checkpoint());
        if (done.identity != identity)
            fail_usage("{}: is of a run with other settings ({}); this one has {}; give another folder",
                       folder.checkpoint().string(), done.identity, identity);
        trainer.restore(done);
    }
    RunLog log(folder.log(), done.step);

    const Clock::time_point begin = Clock::now();
    Clock::time_point saved = begin;
    const auto seconds = [&, before = done.seconds] { return before + seconds_since(begin); };
    const auto save = [&](std::int64_t step) {
        save_state({.step = step, .seconds = seconds(), .identity = identity, .tensors = trainer.state()},
                   folder.checkpoint());
        saved = Clock::now();
    };

    for (std::int64_t step = done.step; step < trainer.steps(); ++step) {
        if (stop.stop_requested()) {
            save(step);
            throw Cancelled(fmt::format("stopped after step {}; the same command with `resume` goes on", step));
        }
        Trainer::Report report;
        try {
            report = trainer.step(step);
        } catch (const NotANumber&) {
            save(step);
            throw;
        }
        const LogRow row{.step = step + 1,
                         .seconds = seconds(),
                         .loss = report.loss,
                         .gradient_norm = report.gradient_norm,
                         .learning_rate = report.learning_rate};
        log.add(row);
        on_step(row);
        if (seconds_since(saved) > 60 * folder.checkpoint_minutes) save(step + 1);
    }
    save(trainer.steps());
}

}  // namespace easel::train
