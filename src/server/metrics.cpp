#include "server/metrics.h"

#include <chrono>
#include <filesystem>
#include <iterator>
#include <system_error>

#include <fmt/format.h>

#include <easel/easel.h>

#include "base/process.h"

namespace easel::server {
namespace {

std::string label(std::string_view name, std::string_view value) {
    std::string text;
    for (const char c : value) {
        if (c == '"' || c == '\\') text += '\\';
        text += c == '\n' ? ' ' : c;
    }
    return fmt::format(R"({}="{}")", name, text);
}

std::string head(std::string_view name, std::string_view type, std::string_view help) {
    return fmt::format("# HELP easel_{0} {2}\n# TYPE easel_{0} {1}\n", name, type, help);
}

std::string one(std::string_view name, std::string_view type, std::string_view help, double value) {
    return head(name, type, help) + fmt::format("easel_{} {}\n", name, value);
}

template <typename Counts>
std::string counters(std::string_view name, std::string_view help, const Counts& counts) {
    std::string text = head(name, "counter", help);
    for (const auto& [labels, count] : counts) text += fmt::format("easel_{}{{{}}} {}\n", name, labels, count);
    return text;
}

std::string histograms(std::string_view name, std::string_view help, const std::map<std::string, Histogram>& all) {
    std::string text = head(name, "histogram", help);
    for (const auto& [labels, histogram] : all) text += histogram.text(name, labels);
    return text;
}

std::size_t open_descriptors() {
    std::error_code ignored;
    const std::filesystem::directory_iterator open("/proc/self/fd", ignored);
    return static_cast<std::size_t>(std::distance(begin(open), end(open)));
}

/// Prometheus' own names, which begin with no word of easel's.
std::string process_text() {
    static const auto began = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch());
    std::string text;
    const auto add = [&](std::string_view name, std::string_view type, double value) {
        text += fmt::format("# TYPE process_{0} {1}\nprocess_{0} {2}\n", name, type, value);
    };
    add("cpu_seconds_total", "counter", cpu_seconds());
    add("resident_memory_bytes", "gauge", static_cast<double>(resident_memory_bytes()));
    add("open_fds", "gauge", static_cast<double>(open_descriptors()));
    add("start_time_seconds", "gauge", began.count());
    return text;
}

}  // namespace

void Histogram::add(double value) {
    for (std::size_t i = 0; i < bounds.size(); ++i)
        if (value <= bounds[i]) ++counts_[i];
    ++count_;
    sum_ += value;
}

std::string Histogram::text(std::string_view name, const std::string& labels) const {
    const std::string first = labels.empty() ? "" : labels + ",";
    const std::string braced = labels.empty() ? "" : "{" + labels + "}";
    std::string text;
    for (std::size_t i = 0; i < bounds.size(); ++i)
        text += fmt::format("easel_{}_bucket{{{}le=\"{}\"}} {}\n", name, first, bounds[i], counts_[i]);
    text += fmt::format("easel_{}_bucket{{{}le=\"+Inf\"}} {}\n", name, first, count_);
    text += fmt::format("easel_{0}_sum{1} {2}\neasel_{0}_count{1} {3}\n", name, braced, sum_, count_);
    return text;
}

void Metrics::count_request(std::string_view route, std::string_view method, int status, double seconds) {
    const std::string labels = label("route", route) + "," + label("method", method);
    const std::lock_guard lock(mutex_);
    ++requests_[labels + "," + label("code", std::to_string(status))];
    request_seconds_[labels].add(seconds);
}

void Metrics::count_job(const JobStatus& status) {
    const std::lock_guard lock(mutex_);
    ++jobs_[label("result", name(status.state))];
    wait_seconds_.add(status.seconds_waited);
    if (status.state == JobState::done) job_seconds_.add(status.seconds);
    pictures_ += status.pictures.size();
}

void Metrics::count_stage(std::string_view stage, double seconds) {
    const std::lock_guard lock(mutex_);
    stage_seconds_[label("stage", stage)].add(seconds);
}

std::string Metrics::text(const Gauges& gauges) const {
    const std::lock_guard lock(mutex_);
    const auto number = [](auto value) { return static_cast<double>(value); };
    std::string text = head("build_info", "gauge", "The program's version.") +
                       fmt::format("easel_build_info{{{}}} 1\n", label("version", version()));
    text += counters("http_requests_total", "Requests that are answered.", requests_);
    text += histograms("http_request_duration_seconds", "From a request's last byte to its answer.", request_seconds_);
    text += counters("jobs_total", "Jobs that are over.", jobs_);
    text += one("queue_depth", "gauge", "Jobs that wait.", number(gauges.queue_depth));
    text += one("queue_capacity", "gauge", "Jobs that may wait.", number(gauges.queue_capacity));
    text += one("jobs_running", "gauge", "Jobs that are drawn.", number(gauges.job_is_running));
    text += histograms("job_wait_seconds", "What jobs waited.", {{"", wait_seconds_}});
    text += histograms("job_duration_seconds", "What drawing took, of jobs that are done.", {{"", job_seconds_}});
    text += histograms("stage_duration_seconds", "What each stage of a picture took.", stage_seconds_);
    text += one("pictures_total", "counter", "Pictures that were drawn.", number(pictures_));
    text += one("model_loaded", "gauge", "Whether a model is open.", number(gauges.model_is_loaded));
    return text + process_text();
}

}  // namespace easel::server
