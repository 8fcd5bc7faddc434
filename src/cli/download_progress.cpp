#include "cli/download_progress.h"

#include <chrono>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/console.h"
#include "hub/size_text.h"

namespace easel::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds between_bars{100};
/// Without a bar: a line for each tenth, and each minute.
constexpr int lines_of_a_download = 10;
constexpr std::chrono::seconds between_lines{60};

/// Reports one download after another.
class DownloadReport {
  public:
    explicit DownloadReport(Reporting reporting) : reporting_(reporting) {}

    void show(const hub::DownloadProgress& progress) {
        const Clock::time_point now = Clock::now();
        if (!begin_) begin_ = Start{now, progress.done};
        const bool is_end = progress.done == progress.total;
        if (!is_end && !is_due(progress, now)) return;
        last_ = now;
        last_tenth_ = tenth(progress);
        const double seconds = std::chrono::duration<double>(now - begin_->time).count();
        const double rate = seconds > 0.0 ? static_cast<double>(progress.done - begin_->done) / seconds : 0.0;
        if (reporting_ == Reporting::json)
            show_json(progress, rate);
        else if (is_end)
            print_err("download {} in {}, {}/s\n", hub::size_text(progress.total - begin_->done),
                      duration_text(seconds), rate_text(rate));
        else
            show_human(progress, rate);
        if (is_end) begin_.reset();
    }

  private:
    struct Start {
        Clock::time_point time;
        /// Bytes that an earlier attempt left.
        std::uint64_t done;
    };

    static int tenth(const hub::DownloadProgress& progress) {
        return static_cast<int>(lines_of_a_download * static_cast<double>(progress.done) /
                                static_cast<double>(progress.total));
    }

    bool is_due(const hub::DownloadProgress& progress, Clock::time_point now) const {
        if (!last_) return true;
        if (reporting_ == Reporting::human && has_live_line()) return now - *last_ >= between_bars;
        return tenth(progress) != last_tenth_ || now - *last_ >= between_lines;
    }

    static std::string rate_text(double rate) { return hub::size_text(static_cast<std::uint64_t>(rate)); }

    static std::string left_text(const hub::DownloadProgress& progress, double rate) {
        if (rate <= 0.0) return "";
        return fmt::format("  {}/s, {} left", rate_text(rate),
                           duration_text(static_cast<double>(progress.total - progress.done) / rate));
    }

    static void show_human(const hub::DownloadProgress& progress, double rate) {
        const std::string sizes =
            fmt::format("{} of {}", hub::size_text(progress.done), hub::size_text(progress.total));
        if (!has_live_line()) return print_err("download {}{}\n", sizes, left_text(progress, rate));
        const std::string filled = bar(static_cast<double>(progress.done), static_cast<double>(progress.total));
        show_live(fmt::format("download {} {}{}", filled, sizes, left_text(progress, rate)));
    }

    static void show_json(const hub::DownloadProgress& progress, double rate) {
        print_json({{"event", "download"},
                    {"file", progress.file},
                    {"bytes", progress.done},
                    {"total_bytes", progress.total},
                    {"bytes_per_second", rate}});
    }

    Reporting reporting_;
    std::optional<Start> begin_;
    std::optional<Clock::time_point> last_;
    int last_tenth_ = 0;
};

}  // namespace

hub::Callbacks report_downloads(Reporting reporting) {
    if (reporting == Reporting::quiet) return {};
    const auto report = std::make_shared<DownloadReport>(reporting);
    return {.progress = [report](const hub::DownloadProgress& progress) { report->show(progress); },
            .note = report_progress(reporting).note};
}

}  // namespace easel::cli
