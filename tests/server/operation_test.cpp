// What those who run a server set.
#include <algorithm>
#include <chrono>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "pictures/parameters.h"
#include "pictures/read.h"
#include "server/running_server.h"
#include "support/files.h"

namespace easel {
namespace {

using nlohmann::json;
using testing::long_request;
using testing::picture_in;
using testing::RunningServer;
using testing::small_request;

/// Collects the lines of a server's log.
class Lines {
  public:
    void operator()(const std::string& line) {
        const std::lock_guard lock(mutex_);
        lines_.push_back(json::parse(line));
    }
    /// Those of a route.
    std::vector<json> of(const std::string& route) const {
        const std::lock_guard lock(mutex_);
        std::vector<json> found;
        for (const json& line : lines_)
            if (line["route"] == route) found.push_back(line);
        return found;
    }
    std::string all() const {
        const std::lock_guard lock(mutex_);
        return json(lines_).dump();
    }

  private:
    mutable std::mutex mutex_;
    std::vector<json> lines_;
};

std::vector<std::string> names_in(const std::filesystem::path& folder) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) names.push_back(entry.path().filename());
    std::ranges::sort(names);
    return names;
}

TEST(Operation, LogsEachRequestWithItsJobAndWithoutItsPrompt) {
    Lines lines;
    RunningServer server([&](server::ServerOptions& options) { options.log = std::ref(lines); });
    server.post("/sdapi/v1/txt2img", small_request({{"prompt", "a secret garden"}}));
    server.post("/sdapi/v1/txt2img", small_request({{"steps", 0}}), 422);
    const auto answer = server.client().Get("/sdapi/v1/options", {{"X-Request-Id", "mine"}});
    EXPECT_EQ(answer->get_header_value("X-Request-Id"), "mine");
    server.stop();
    const auto drawn = lines.of("/sdapi/v1/txt2img");
    ASSERT_EQ(drawn.size(), 2U);
    EXPECT_EQ(drawn[0]["status"], 200);
    EXPECT_EQ(drawn[0]["job"].get<std::string>().size(), 32U);
    EXPECT_EQ(drawn[1]["status"], 422);
    EXPECT_EQ(lines.of("/sdapi/v1/options").at(0)["request_id"], "mine");
    EXPECT_EQ(lines.all().find("secret garden"), std::string::npos);
}

TEST(Operation, LogsPromptsWhenAsked) {
    Lines lines;
    RunningServer server([&](server::ServerOptions& options) {
        options.log = std::ref(lines);
        options.logs_prompts = true;
    });
    server.post("/sdapi/v1/txt2img", small_request());
    server.stop();
    EXPECT_EQ(lines.of("/sdapi/v1/txt2img").at(0)["prompt"], "a red house");
}

TEST(Operation, LogsThatAClientLeft) {
    Lines lines;
    RunningServer server([&](server::ServerOptions& options) { options.log = std::ref(lines); });
    auto client = server.client();
    client.set_read_timeout(0, 300'000);
    EXPECT_FALSE(client.Post("/sdapi/v1/txt2img", long_request().dump(), "application/json"));
    client.stop();
    server.stop();
    EXPECT_GE(lines.of("/sdapi/v1/txt2img").at(0)["status"], 499);
}

TEST(Operation, CountsForPrometheus) {
    const RunningServer server;
    server.post("/sdapi/v1/txt2img", small_request({{"n_iter", 2}}));
    const auto answer = server.client().Get("/metrics");
    EXPECT_EQ(answer->get_header_value("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    for (const char* sample :
         {"easel_pictures_total 2\n", "easel_jobs_total{result=\"done\"} 1\n", "easel_queue_depth 0\n",
          "easel_queue_capacity 64\n", "easel_model_loaded 1\n",
          "easel_stage_duration_seconds_count{stage=\"denoise\"} 2\n",
          "easel_http_requests_total{route=\"/sdapi/v1/txt2img\",method=\"POST\",code=\"200\"} 1\n"})
        EXPECT_NE(answer->body.find(sample), std::string::npos) << sample << answer->body;
}

TEST(Operation, GivesOneClientSoManyJobsAndNoMore) {
    const RunningServer server([](server::ServerOptions& options) { options.most_per_client = 2; });
    std::vector<std::string> ids;
    for (int i = 0; i < 2; ++i) ids.push_back(server.post("/easel/v1/jobs", long_request(), 202)["id"]);
    const auto refused = server.client().Post("/sdapi/v1/txt2img", small_request().dump(), "application/json");
    EXPECT_EQ(refused->status, 429);
    EXPECT_FALSE(refused->get_header_value("Retry-After").empty());
    for (const std::string& id : ids) server.client().Delete(("/easel/v1/jobs/" + id).c_str());
}

TEST(Operation, SavesPicturesThatAreToBeSaved) {
    const testing::TemporaryFolder folder;
    const RunningServer server([&](server::ServerOptions& options) { options.save_dir = folder.path(); });
    server.post("/sdapi/v1/txt2img", small_request());
    EXPECT_TRUE(names_in(folder.path()).empty());
    const json answer = server.post("/sdapi/v1/txt2img", small_request({{"save_images", true}, {"n_iter", 2}}));
    const auto names = names_in(folder.path());
    ASSERT_EQ(names.size(), 2U);
    EXPECT_TRUE(names[0].ends_with("-1-7.png")) << names[0];
    const std::string bytes = testing::read_file(folder / names[0]);
    EXPECT_EQ(decode_picture(std::as_bytes(std::span(bytes)), names[0]), picture_in(answer["images"][0]));
    EXPECT_TRUE(find_parameters(std::as_bytes(std::span(bytes))).value_or("").starts_with("a red house"));
}

TEST(Operation, FailsARequestWhosePictureCannotBeSavedAndGoesOn) {
    const testing::TemporaryFolder folder;
    const RunningServer server([&](server::ServerOptions& options) { options.save_dir = folder / "gone"; });
    const json error = server.post("/sdapi/v1/txt2img", small_request({{"save_images", true}}), 500);
    EXPECT_NE(error["detail"].get<std::string>().find("cannot be saved"), std::string::npos) << error;
    EXPECT_EQ(error.dump().find(folder.path().string()), std::string::npos) << "it tells a folder";
    server.post("/sdapi/v1/txt2img", small_request());
}

TEST(Operation, BeginsIdsWithTheServersOwn) {
    const RunningServer server([](server::ServerOptions& options) { options.server_id = "left"; });
    const std::string id = server.post("/easel/v1/jobs", small_request(), 202)["id"];
    EXPECT_TRUE(id.starts_with("left-")) << id;
    const json answer = server.post("/v1/images/generations",
                                    {{"prompt", "x"}, {"size", "64x64"}, {"steps", 1}, {"response_format", "url"}});
    EXPECT_NE(answer["data"][0]["url"].get<std::string>().find("/pictures/left-"), std::string::npos);
}

TEST(Operation, TakesWorkForAWhileAfterItSaysThatItIsToEnd) {
    RunningServer server([](server::ServerOptions& options) { options.drain_delay = std::chrono::seconds(2); });
    auto ending = std::async(std::launch::async, [&] { server.stop(); });
    auto client = server.client();
    int status = 200;
    while (status == 200) status = client.Get("/readyz")->status;
    EXPECT_EQ(status, 503);
    EXPECT_EQ(client.Post("/sdapi/v1/txt2img", small_request().dump(), "application/json")->status, 200);
    ending.get();
}

TEST(Operation, GivesThePictureAsItIsWhenDrawingTakesTooLongAtTheEnd) {
    RunningServer server([](server::ServerOptions& options) { options.drain_timeout = std::chrono::seconds(1); });
    auto running = std::async(std::launch::async, [&] {
        return server.post("/sdapi/v1/txt2img", small_request({{"steps", 900}, {"n_iter", 60}}));
    });
    while (server.get("/sdapi/v1/progress")["state"]["sampling_step"] == 0 &&
           running.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) {
    }
    server.stop();
    EXPECT_GE(running.get()["images"].size(), 1U);
}

}  // namespace
}  // namespace easel
