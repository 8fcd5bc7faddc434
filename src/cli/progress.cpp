#include "cli/progress.h"

#include <cstdio>
#include <functional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/process.h"

namespace easel::cli {

std::string_view line_start() { return standard_error_is_terminal() ? "\r\x1b[K" : ""; }

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

std::string summary(const Progress& done) {
    return fmt::format(
        "{:<8} {:.2f} s{}\n", name(done.stage), done.seconds,
        done.steps > 1 ? fmt::format(", {} steps, {:.3f} s a step", done.steps, done.seconds / done.steps) : "");
}

void print_on_terminal(const Progress& progress) {
    static constexpr Bar bar;
    if (progress.step == progress.steps) {
        fmt::print(stderr, "{}{}", line_start(), summary(progress));
    } else if (progress.steps > 1) {
        bar.show(progress);
    } else {
        fmt::print(stderr, "{}{:<8} ...", line_start(), name(progress.stage));
        std::fflush(stderr);
    }
}

/// Plain lines. That of loading waits for the next: what is wrong with a request may show only when the model is known,
/// and then its sentence stands alone.
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
        fmt::print(stderr, "{}", std::exchange(waiting_, {}));
    }

  private:
    std::string waiting_;
};

}  // namespace

void print_json(const nlohmann::json& object) {
    fmt::print("{}\n", object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    std::fflush(stdout);
}

Callbacks report_progress(Reporting reporting) {
    switch (reporting) {
        case Reporting::quiet:
            return {};
        case Reporting::human:
            return {.progress = standard_error_is_terminal() ? print_on_terminal
                                                             : std::function<void(const Progress&)>(Lines()),
                    .note = [](const std::string& sentence) {
                        fmt::print(stderr, "{}note: {}\n", line_start(), sentence);
                    }};
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
