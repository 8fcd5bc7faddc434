#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "server/job.h"

namespace easel::server {

/// How often values lay below each of some bounds, and their sum.
class Histogram {
  public:
    /// In seconds: from an answer out of memory to a picture on a slow machine.
    static constexpr std::array bounds = {0.005, 0.01, 0.025, 0.05, 0.1,  0.25,  0.5,   1.0,
                                          2.5,   5.0,  10.0,  30.0, 60.0, 120.0, 300.0, 600.0};

    void add(double value);
    /// In Prometheus' text format; `labels` is empty or "name=\"value\"".
    std::string text(std::string_view name, const std::string& labels) const;

  private:
    std::array<std::uint64_t, bounds.size()> counts_ = {};
    std::uint64_t count_ = 0;
    double sum_ = 0.0;
};

/// What the server is doing at the moment it is asked.
struct Gauges {
    std::size_t queue_depth = 0;
    std::size_t queue_capacity = 0;
    bool job_is_running = false;
    bool model_is_loaded = false;
};

/// What the server has done so far, for Prometheus. May be used by several threads.
class Metrics {
  public:
    /// `route` is the pattern of an endpoint's path, so that the values stay few.
    void count_request(std::string_view route, std::string_view method, int status, double seconds);
    /// A job that draws and is over.
    void count_job(const JobStatus& status);
    void count_stage(std::string_view stage, double seconds);

    /// In Prometheus' text format, version 0.0.4, with the process' own facts.
    std::string text(const Gauges& gauges) const;

  private:
    mutable std::mutex mutex_;
    /// By labels.
    std::map<std::string, std::uint64_t> requests_;
    std::map<std::string, Histogram> request_seconds_;
    std::map<std::string, std::uint64_t> jobs_;
    std::map<std::string, Histogram> stage_seconds_;
    Histogram wait_seconds_, job_seconds_;
    std::uint64_t pictures_ = 0;
};

}  // namespace easel::server
