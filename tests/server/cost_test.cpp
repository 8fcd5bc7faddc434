// What the server costs beside the engine, in time and at rest. Only ./test --deep runs it, for it wants a machine that
// does nothing else.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/process.h"
#include "pictures/write.h"
#include "server/running_server.h"

namespace easel {
namespace {

using nlohmann::json;
using testing::RunningServer;

template <typename Work>
double seconds_of(const Work& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

/// Seconds of a picture, as medians.
struct Cost {
    /// By the engine with its PNG.
    double engine = 0.0;
    /// What the server takes more. Both draw in turns, so that what else the machine does meets both.
    double more = 0.0;
};

/// `ask` has the picture of `request` drawn by a client that keeps its connection.
Cost cost_of(int side, int steps, int pictures,
             const std::function<void(httplib::Client& client, const json& request)>& ask) {
    Engine engine({.model = testing::tiny_model(), .precision = "f32"});
    const RunningServer server;
    auto client = server.client();
    std::vector<double> by_engine, more;
    for (int seed = 0; seed <= pictures; ++seed) {
        const double alone = seconds_of([&] {
            const Result drawn = engine.generate({.prompt = "a red house",
                                                  .width = side,
                                                  .height = side,
                                                  .num_inference_steps = steps,
                                                  .seed = static_cast<std::uint64_t>(seed)});
            EXPECT_FALSE(encode_picture(drawn.picture, PictureFormat::png, drawn.parameters).empty());
        });
        const json request = {
            {"prompt", "a red house"}, {"width", side}, {"height", side}, {"steps", steps}, {"seed", seed}};
        const double served = seconds_of([&] { ask(client, request); });
        if (seed == 0) continue;  // which compiles the networks
        by_engine.push_back(alone);
        more.push_back(served - alone);
    }
    const Cost cost{median(by_engine), median(more)};
    fmt::print("{} x {}, {} steps: {:.1f} ms by the engine, {:.1f} ms more by the server\n", side, side, steps,
               1000.0 * cost.engine, 1000.0 * cost.more);
    return cost;
}

void ask_sdapi(httplib::Client& client, const json& request) {
    const auto answer = client.Post("/sdapi/v1/txt2img", request.dump(), "application/json");
    ASSERT_TRUE(answer && answer->status == 200);
}

/// As the page does.
void follow_job(httplib::Client& client, const json& request) {
    const auto job = client.Post("/easel/v1/jobs", request.dump(), "application/json");
    ASSERT_TRUE(job && job->status == 202);
    const std::string path = job->get_header_value("Location");
    std::string events;
    client.Get((path + "/events").c_str(), [&](const char* data, std::size_t size) {
        events.append(data, size);
        return true;
    });
    EXPECT_NE(events.find("event: done"), std::string::npos);
    EXPECT_NE(events.find("\"preview\""), std::string::npos);
    EXPECT_EQ(client.Get((path + "/pictures/0").c_str())->status, 200);
}

constexpr double most = 0.003;

TEST(Cost, OfASmallPictureIsAtMostThreeMilliseconds) {
    for (const int steps : {4, 20}) EXPECT_LE(cost_of(64, steps, 31, ask_sdapi).more, most);
}

TEST(Cost, OfASmallPictureThatThePageFollowsIsTheSame) { EXPECT_LE(cost_of(64, 20, 31, follow_job).more, most); }

/// A picture of Stable Diffusion 1.5 takes seconds, and the small model as much PNG, base64 and HTTP of the same size.
TEST(Cost, OfALargePictureIsAtMostTwentyMilliseconds) { EXPECT_LE(cost_of(512, 1, 9, ask_sdapi).more, 0.020); }

/// An event stream ends with its job, so that what is open at rest are connections.
TEST(Rest, UsesNoProcessorTimeWithConnectionsOpenOrWithout) {
    constexpr double of_twenty_seconds = 0.02;  // what top shows as 0.1 %
    const RunningServer server;
    for (const int clients : {0, 32}) {
        std::vector<httplib::Client> open;
        for (int i = 0; i < clients; ++i) ask_sdapi(open.emplace_back(server.client()), testing::small_request());
        std::this_thread::sleep_for(std::chrono::seconds(1));  // what was begun comes to rest
        const double begin = cpu_seconds();
        std::this_thread::sleep_for(std::chrono::seconds(20));
        const double used = cpu_seconds() - begin;
        fmt::print("{} connections: {:.1f} ms in 20 s\n", clients, 1000.0 * used);
        EXPECT_LE(used, of_twenty_seconds);
    }
}

}  // namespace
}  // namespace easel
