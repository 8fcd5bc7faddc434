#include "server/metrics.h"

#include <sstream>

#include <gtest/gtest.h>

namespace easel::server {
namespace {

/// The value of a sample; -1 when there is none.
double sample(const std::string& text, const std::string& name) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(name + " ")) return std::stod(line.substr(name.size() + 1));
    return -1.0;
}

TEST(Metrics, CountsRequestsByRouteMethodAndStatus) {
    Metrics metrics;
    metrics.count_request("/a", "GET", 200, 0.03);
    metrics.count_request("/a", "GET", 200, 700.0);
    metrics.count_request("/a", "POST", 503, 0.001);
    const std::string text = metrics.text({});
    EXPECT_EQ(sample(text, R"(easel_http_requests_total{route="/a",method="GET",code="200"})"), 2);
    EXPECT_EQ(sample(text, R"(easel_http_requests_total{route="/a",method="POST",code="503"})"), 1);
    const std::string get = R"(easel_http_request_duration_seconds_bucket{route="/a",method="GET",le=)";
    EXPECT_EQ(sample(text, get + R"("0.025"})"), 0);
    EXPECT_EQ(sample(text, get + R"("0.05"})"), 1);
    EXPECT_EQ(sample(text, get + R"("600"})"), 1);
    EXPECT_EQ(sample(text, get + R"("+Inf"})"), 2);
    EXPECT_DOUBLE_EQ(sample(text, R"(easel_http_request_duration_seconds_sum{route="/a",method="GET"})"), 700.03);
}

TEST(Metrics, CountsJobsByTheirResult) {
    Metrics metrics;
    metrics.count_job({.state = JobState::done, .seconds_waited = 2.0, .seconds = 3.0, .pictures = {nullptr, nullptr}});
    metrics.count_job({.state = JobState::cancelled, .seconds_waited = 1.0});
    const std::string text = metrics.text({});
    EXPECT_EQ(sample(text, R"(easel_jobs_total{result="done"})"), 1);
    EXPECT_EQ(sample(text, R"(easel_jobs_total{result="cancelled"})"), 1);
    EXPECT_EQ(sample(text, "easel_pictures_total"), 2);
    EXPECT_EQ(sample(text, "easel_job_wait_seconds_count"), 2);
    EXPECT_EQ(sample(text, "easel_job_duration_seconds_sum"), 3);
}

TEST(Metrics, HasWhatTheServerDoesNowAndWhatTheProcessUses) {
    const std::string text =
        Metrics().text({.queue_depth = 3, .queue_capacity = 64, .job_is_running = true, .model_is_loaded = true});
    EXPECT_EQ(sample(text, "easel_queue_depth"), 3);
    EXPECT_EQ(sample(text, "easel_queue_capacity"), 64);
    EXPECT_EQ(sample(text, "easel_jobs_running"), 1);
    EXPECT_EQ(sample(text, "easel_model_loaded"), 1);
    EXPECT_GT(sample(text, "process_resident_memory_bytes"), 1e6);
    EXPECT_GT(sample(text, "process_open_fds"), 2);
    EXPECT_GT(sample(text, "process_start_time_seconds"), 1.7e9);
}

TEST(Metrics, KeepsALabelInItsQuotes) {
    Metrics metrics;
    metrics.count_request("/a\"b\\c\n", "GET", 200, 0.0);
    EXPECT_NE(metrics.text({}).find(R"(route="/a\"b\\c ")"), std::string::npos);
}

}  // namespace
}  // namespace easel::server
