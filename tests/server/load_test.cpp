// Many clients at once, and clients that hinder others. Takes a minute, so that only ./test --deep runs it.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/process.h"
#include "server/running_server.h"

namespace easel {
namespace {

using nlohmann::json;
using testing::RunningServer;
using testing::small_request;

/// A connection that sends what it is told to and reads nothing.
class RawConnection {
  public:
    explicit RawConnection(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    }
    RawConnection(RawConnection&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
    RawConnection& operator=(RawConnection&&) = delete;
    ~RawConnection() {
        if (socket_ >= 0) ::close(socket_);
    }

    void send(std::string_view bytes) const { ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }

  private:
    int socket_;
};

TEST(Load, LosesNoRequestAndMixesNoneUp) {
    constexpr int requests = 1000, clients = 32, seeds = 40;
    const RunningServer server;
    std::vector<std::string> expected;
    for (int seed = 0; seed < seeds; ++seed)
        expected.push_back(server.post("/sdapi/v1/txt2img", small_request({{"seed", seed}}))["images"][0]);

    std::atomic<int> next = 0, answered = 0, wrong = 0;
    std::atomic<std::uint64_t> memory_after_100 = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < clients; ++i)
        threads.emplace_back([&] {
            auto client = server.client();
            for (int request = next++; request < requests; request = next++) {
                const int seed = request * 7 % seeds;
                const auto answer =
                    client.Post("/sdapi/v1/txt2img", small_request({{"seed", seed}}).dump(), "application/json");
                if (!answer || answer->status != 200 || json::parse(answer->body)["images"][0] != expected[seed])
                    ++wrong;
                if (++answered == 100) memory_after_100 = held_memory_bytes();
            }
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(answered, requests);
    const double growth = static_cast<double>(held_memory_bytes()) / static_cast<double>(memory_after_100.load()) - 1.0;
    RecordProperty("memory_growth_in_percent", std::to_string(100.0 * growth));
    EXPECT_LT(growth, 0.05);
}

TEST(Load, DrawsForOneClientWhileOthersIdleOrSendSlowly) {
    const RunningServer server;
    std::vector<RawConnection> idle, slow;
    for (int i = 0; i < 235; ++i) idle.emplace_back(server.port());
    for (int i = 0; i < 20; ++i) slow.emplace_back(server.port());
    std::atomic<bool> ends = false;
    std::thread sender([&] {
        const std::string head = "POST /sdapi/v1/txt2img HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n";
        for (std::size_t at = 0; !ends; ++at) {
            for (const RawConnection& connection : slow) connection.send(head.substr(at % head.size(), 1));
            for (int i = 0; i < 20 && !ends; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
    });
    for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(server.post("/sdapi/v1/txt2img", small_request())["images"].size(), 1U);
        EXPECT_TRUE(server.get("/sdapi/v1/samplers").is_array());
    }
    ends = true;
    sender.join();
}

TEST(Load, RefusesWhatIsTooMuchAndDrawsTheRest) {
    const RunningServer server([](server::ServerOptions& options) { options.queue = 4; });
    std::atomic<int> drawn = 0, refused = 0, other = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 100; ++i)
        threads.emplace_back([&] {
            const auto answer = server.client().Post("/sdapi/v1/txt2img", small_request().dump(), "application/json");
            if (answer && answer->status == 200)
                ++drawn;
            else if (answer && answer->status == 503 && !answer->get_header_value("Retry-After").empty())
                ++refused;
            else
                ++other;
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(other, 0);
    EXPECT_GE(drawn, 4);
    EXPECT_EQ(drawn + refused, 100);
}

TEST(Load, AnswersListsAndProgressWhileItDraws) {
    const RunningServer server;
    const std::string id = server.post("/easel/v1/jobs", testing::long_request(), 202)["id"];
    std::vector<double> seconds;
    auto client = server.client();
    for (int i = 0; i < 200; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        const auto answer = client.Get(i % 2 == 0 ? "/sdapi/v1/sd-models" : "/sdapi/v1/progress");
        seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
        ASSERT_TRUE(answer && answer->status == 200);
    }
    client.Delete(("/easel/v1/jobs/" + id).c_str());
    std::ranges::sort(seconds);
    RecordProperty("median_milliseconds", std::to_string(1000.0 * seconds[100]));
    EXPECT_LT(seconds[190], 0.1) << "of 20 answers one may be late on a busy machine";
}

}  // namespace
}  // namespace easel
