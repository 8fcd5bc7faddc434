#include "cli/progress.h"

#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/process.h"

namespace easel::cli {
namespace {

constexpr int bar_width = 30;

/// One line on a terminal that is written again and again.
class Bar {
  public:
    void show(const Progress& progress) const {
        const int filled = bar_width * progress.step / progress.steps;
        const double seconds_a_step = progress.step > 0 ? progress.seconds / progress.step : 0.0;
        fmt::print(stderr, "\r{:<8} [{:#<{}}{:.<{}}] {}/{}  {:.2f} s a step, {:.0f} s left \x1b[K",
                   name(progress.stage), "", filled, "", bar_width - filled, progress.step, progress.steps,
                   seconds_a_step, seconds_a_step * (progress.steps - progress.step));
        std::fflush(stderr);
    }
};

void print_human(const Progress& progress) {
    static constexpr Bar bar;
    const bool terminal = standard_error_is_terminal();
    const bool done = progress.step == progress.steps;
    if (done) {
        fmt::print(stderr, "{}{:<8} {:.2f} s{}\n", terminal ? "\r\x1b[K" : "", name(progress.stage), progress.seconds,
                   progress.steps > 1
                       ? fmt::format(", {} steps, {:.3f} s a step", progress.steps, progress.seconds / progress.steps)
                       : "");
    } else if (terminal && progress.steps > 1) {
        bar.show(progress);
    } else if (terminal) {
        fmt::print(stderr, "\r{:<8} ...\x1b[K", name(progress.stage));
        std::fflush(stderr);
    } else if (progress.step > 0) {
        fmt::print(stderr, "{} step {}/{}, {:.2f} s\n", name(progress.stage), progress.step, progress.steps,
                   progress.seconds);
    }
}

void print_json(const nlohmann::json& object) {
    fmt::print("{}\n", object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    std::fflush(stdout);
}

}  // namespace

Callbacks report_progress(Reporting reporting) {
    switch (reporting) {
        case Reporting::quiet:
            return {};
        case Reporting::human:
            return {.progress = print_human,
                    .note = [](const std::string& sentence) { fmt::print(stderr, "note: {}\n", sentence); }};
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
        fmt::print("{} (seed {})\n", path, result.seed);
}

}  // namespace easel::cli
