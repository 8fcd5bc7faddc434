#include "cli/progress.h"

#include <functional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/console.h"

namespace easel::cli {

namespace {

/// "denoise  [####....] 4/12  0.51 s a step, 4 s left", or the part of it that is known.
std::string live_text(const Progress& progress) {
    if (progress.steps == 1) return fmt::format("{:<8} ...", name(progress.stage));
    std::string text = fmt::format("{:<8} {} {}/{}", name(progress.stage), bar(progress.step, progress.steps),
                                   progress.step, progress.steps);
    if (progress.step == 0) return text;
    const double seconds_a_step = progress.seconds / progress.step;
    return text + fmt::format("  {:.2f} s a step, {} left", seconds_a_step,
                              duration_text(seconds_a_step * (progress.steps - progress.step)));
}

std::string summary(const Progress& done) {
    return fmt::format(
        "{:<8} {:.2f} s{}\n", name(done.stage), done.seconds,
        done.steps > 1 ? fmt::format(", {} steps, {:.3f} s a step", done.steps, done.seconds / done.steps) : "");
}

void show_on_terminal(const Progress& progress) {
    if (progress.step == progress.steps)
        write_err(summary(progress));
    else
        show_live(live_text(progress));
}

/// Prints plain lines. The line about loading is held back until the next one: some errors in a request are found only
/// once the model is open, and their sentence is then the only output.
class Lines {
  public:
    void operator()(const Progress& progress) {
        if (progress.step == progress.steps) {
            waiting_ += summary(progress);
            if (progress.stage == Stage::load) return;
        } else if (progress.step > 0) {
            waiting_ += fmt::format("{} step {}/{}, {:.2f} s\n", name(progress.stage), progress.step, progress.steps,
                                    progress.seconds);
        }
        write_err(std::exchange(waiting_, {}));
    }

  private:
    std::string waiting_;
};

}  // namespace

void print_json(const nlohmann::ordered_json& object) {
    print_out("{}\n", object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

Callbacks report_progress(Reporting reporting) {
    switch (reporting) {
        case Reporting::quiet:
            return {};
        case Reporting::human:
            return {.progress = has_live_line() ? show_on_terminal : std::function<void(const Progress&)>(Lines()),
                    .note = print_note};
        case Reporting::json:
            return {.progress =
                        [](const Progress& progress) {
                            print_json({{"event", "progress"},
                                        {"stage", name(progress.stage)},
                                        {"step", progress.step},
                                        {"steps", progress.steps},
                                        {"seconds", progress.seconds}});
                        },
                    .note =
                        [](const std::string& sentence) {
                            print_json({{"event", "note"}, {"text", sentence}});
                        }};
    }
    return {};
}

void report_picture(Reporting reporting, const std::string& path, const Result& result) {
    if (reporting == Reporting::json)
        print_json({{"event", "picture"},
                    {"path", path},
                    {"seed", result.seed},
                    {"width", result.picture.width},
                    {"height", result.picture.height},
                    {"parameters", result.parameters}});
    else if (reporting == Reporting::human)
        print_out("{} (seed {})\n", path, result.seed);
}

}  // namespace easel::cli
