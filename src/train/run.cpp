#include "train/run.h"

#include <chrono>
#include <optional>

#include <nlohmann/json.hpp>

#include <easel/easel.h>

#include "base/error.h"
#include "base/files.h"

namespace easel::train {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

/// What differs first between two runs, whose identities are JSON objects.
struct Difference {
    std::string setting, there, here;
};

Difference first_difference(const std::string& there, const std::string& here) {
    const auto parsed = [](const std::string& text) { return nlohmann::ordered_json::parse(text, nullptr, false); };
    const auto text = [](const nlohmann::ordered_json& value) {
        return value.is_null() ? "none" : value.is_string() ? value.get<std::string>() : value.dump();
    };
    const nlohmann::ordered_json of_there = parsed(there), of_here = parsed(here);
    if (!of_there.is_object() || !of_here.is_object()) return {.setting = "settings", .there = there, .here = here};
    for (const auto* all : {&of_here, &of_there})
        for (const auto& [key, value] : all->items())
            if (const auto a = of_there.value(key, nlohmann::ordered_json()),
                b = of_here.value(key, nlohmann::ordered_json());
                a != b)
                return {.setting = key, .there = text(a), .here = text(b)};
    return {.setting = "settings", .there = there, .here = here};
}

void check_same_run(const std::filesystem::path& checkpoint, const std::string& there, const std::string& here) {
    if (there == here) return;
    const Difference difference = first_difference(there, here);
    fail_usage("{}: is of a run with `{}` {:.60}, and this one has {:.60}; give another `output`", checkpoint.string(),
               difference.setting, difference.there, difference.here);
}

}  // namespace

void run(Trainer& trainer, const RunFolder& folder, const std::string& identity, const RunCallbacks& callbacks,
         std::stop_token stop) {
    RunState done{.identity = identity};
    if (path_exists(folder.checkpoint())) {
        done = load_state(folder.checkpoint());
        check_same_run(folder.checkpoint(), done.identity, identity);
        trainer.restore(done);
    }
    const bool writes = trainer.ranks().is_first();
    std::optional<RunLog> log;
    if (writes) log.emplace(folder.log(), done.step);

    const Clock::time_point begin = Clock::now();
    Clock::time_point saved = begin;
    const auto seconds = [&, before = done.seconds] { return before + seconds_since(begin); };
    const auto save = [&](std::int64_t step) {
        save_state({.step = step, .seconds = seconds(), .identity = identity, .tensors = trainer.state()},
                   folder.checkpoint());
        saved = Clock::now();
    };

    for (std::int64_t step = done.step; step < trainer.steps(); ++step) {
        Trainer::Report report;
        try {
            if (trainer.ranks().any(stop.stop_requested())) {
                if (writes) save(step);
                throw Cancelled(fmt::format("stopped after step {}; the same command with `resume` goes on", step));
            }
            report = trainer.step(step);
        } catch (const NotANumber&) {
            if (writes) save(step);
            throw;
        } catch (const LostProcess&) {  // all that are left have the same to save
            save(step);
            throw;
        }
        if (!writes) continue;
        const LogRow row{.step = step + 1,
                         .seconds = seconds(),
                         .loss = report.loss,
                         .gradient_norm = report.gradient_norm,
                         .learning_rate = report.learning_rate};
        log->add(row);
        callbacks.on_step(row);
        if (seconds_since(saved) > 60 * folder.checkpoint_minutes) {
            save(step + 1);
            callbacks.on_checkpoint(step + 1);
        }
    }
    if (!writes) return;
    save(trainer.steps());
    callbacks.on_checkpoint(trainer.steps());
}

}  // namespace easel::train
