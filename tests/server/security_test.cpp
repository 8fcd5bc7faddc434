// What a hostile page, client or network finds at a server, by the attack. The guard's own rules are in guard_test.cpp,
// the limits of connections in listener_test.cpp.
#include <filesystem>
#include <mutex>
#include <regex>
#include <string>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/base64.h"
#include "server/routes.h"
#include "server/running_server.h"
#include "support/files.h"

namespace easel {
namespace {

using nlohmann::json;
using testing::RunningServer;
using testing::small_request;

constexpr const char* options_path = "/sdapi/v1/options";

std::string own_origin(const RunningServer& server) { return "http://" + server.host(); }

int status_of(const httplib::Result& answer) { return answer ? answer->status : 0; }

TEST(DnsRebinding, IsStoppedByTheHost) {
    const RunningServer server;
    EXPECT_EQ(status_of(server.client().Get(options_path, {{"Host", "evil.example"}})), 403);
    EXPECT_EQ(status_of(server.client().Get("/", {{"Host", "evil.example"}})), 403);
    EXPECT_EQ(status_of(server.client().Get(options_path, {{"Host", "localhost:1"}})), 200);
}

TEST(CrossSiteRequests, AreStoppedByTheOriginWhateverTheirType) {
    const RunningServer server;
    const std::string body = small_request().dump();
    for (const char* type : {"application/json", "text/plain", "application/x-www-form-urlencoded"}) {
        const auto post = [&](const httplib::Headers& headers) {
            return status_of(server.client().Post("/sdapi/v1/txt2img", headers, body, type));
        };
        EXPECT_EQ(post({{"Origin", "http://evil.example"}}), 403) << type;
        EXPECT_EQ(post({{"Sec-Fetch-Site", "cross-site"}}), 403) << type;
        EXPECT_EQ(post({{"Origin", own_origin(server)}}), 200) << type;
    }
}

/// So that visits, which the guard lets in, can do nothing.
TEST(CrossSiteRequests, ChangeNothingByGet) {
    const RunningServer server;
    for (const server::Route& route : server::all_routes()) {
        if (route.method == "GET" || route.path.find('{') != std::string_view::npos) continue;
        const auto answer = server.client().Get(std::string(route.path).c_str());
        const bool has_a_get = route.path == std::string_view(options_path);
        EXPECT_EQ(status_of(answer), has_a_get ? 200 : 405) << route.path;
    }
}

TEST(OtherOrigins, AreToldNothingUnlessTheyAreNamed) {
    const httplib::Headers theirs = {{"Origin", "https://draw.example"}};
    const RunningServer closed;
    EXPECT_FALSE(closed.client().Get(options_path, theirs)->has_header("Access-Control-Allow-Origin"));

    const RunningServer open(
        [](server::ServerOptions& options) { options.guard.cors_origins = {"https://draw.example"}; });
    const auto allowed = open.client().Get(options_path, theirs);
    EXPECT_EQ(allowed->get_header_value("Access-Control-Allow-Origin"), "https://draw.example");
    EXPECT_EQ(allowed->get_header_value("Vary"), "Origin");
    EXPECT_FALSE(allowed->has_header("Access-Control-Allow-Credentials"));
    for (const char* other :
         {"https://evil.example", "http://draw.example", "https://draw.example.evil.example", "null"})
        EXPECT_FALSE(open.client().Get(options_path, {{"Origin", other}})->has_header("Access-Control-Allow-Origin"))
            << other;
    EXPECT_EQ(open.client().Get(options_path)->get_header_value("Vary"), "Origin") << "or a cache mixes them up";
}

TEST(Password, IsWantedForAllButHealth) {
    const RunningServer server([](server::ServerOptions& options) { options.guard.password = "me:word"; });
    for (const server::Route& route : server::all_routes()) {
        const std::string path = std::regex_replace(std::string(route.path), std::regex(R"(\{[^}]*\})"), "x");
        auto client = server.client();
        const auto answer = route.method == "GET"      ? client.Get(path.c_str())
                            : route.method == "DELETE" ? client.Delete(path.c_str())
                                                       : client.Post(path.c_str(), "{}", "application/json");
        const bool is_health = path == "/healthz" || path == "/readyz";
        EXPECT_EQ(status_of(answer), is_health ? 200 : 401) << path;
    }
    EXPECT_EQ(status_of(server.client().Get(options_path, {{"Authorization", "Basic " + base64("me:word")}})), 200);
    EXPECT_EQ(status_of(server.client().Get(options_path, {{"Authorization", "Bearer word"}})), 200);
    EXPECT_EQ(status_of(server.client().Get(options_path, {{"Authorization", "Bearer wrong"}})), 401);
}

TEST(Password, ThatNobodyAskedForIsOfNoAccount) {
    const RunningServer server;
    for (const char* given : {"Basic ", "Basic %%%", "Bearer x", ""})
        EXPECT_EQ(status_of(server.client().Get(options_path, {{"Authorization", given}})), 200) << given;
}

/// A port of this machine that tells whether somebody came.
class Bait {
  public:
    Bait() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), size), 0);
        EXPECT_EQ(::listen(socket_, 8), 0);
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
        address_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/picture.png";
    }
    ~Bait() { ::close(socket_); }
    Bait(const Bait&) = delete;
    Bait& operator=(const Bait&) = delete;

    const std::string& address() const { return address_; }
    bool was_visited() const {
        pollfd waiting{socket_, POLLIN, 0};
        return ::poll(&waiting, 1, 200) > 0;
    }

  private:
    int socket_;
    std::string address_;
};

TEST(Addresses, AreNotFetched) {
    const Bait bait;
    const RunningServer server;
    server.post("/sdapi/v1/img2img", small_request({{"init_images", {bait.address()}}}), 422);
    server.post("/sdapi/v1/png-info", {{"image", bait.address()}}, 422);
    server.post("/easel/v1/mask", {{"image", bait.address()}}, 422);
    server.post("/easel/v1/jobs", small_request({{"init_images", {bait.address()}}}), 422);
    const auto edit = server.client().Post("/v1/images/edits",
                                           {{"image", bait.address(), "a.png", "image/png"}, {"prompt", "x", "", ""}});
    EXPECT_EQ(status_of(edit), 400);
    EXPECT_FALSE(bait.was_visited());
}

TEST(Paths, LeadToNoFile) {
    const testing::TemporaryFolder folder;
    const std::string file = folder / "secret.safetensors";
    testing::write_file(file, "x");
    const RunningServer server;
    for (const std::string& path :
         {file, "../../" + file, std::string("/etc/passwd"), std::string("../golden/tiny/single")}) {
        server.post(options_path, {{"sd_model_checkpoint", path}}, 404);
        server.post("/sdapi/v1/txt2img", small_request({{"override_settings", {{"sd_model_checkpoint", path}}}}), 404);
        server.post("/v1/images/generations", {{"prompt", "x"}, {"model", path}}, 404);
        server.post("/sdapi/v1/img2img", small_request({{"init_images", {path}}}), 422);
    }
    for (const char* path :
         {"/page/..%2f..%2fetc%2fpasswd", "/page/vendor/..%2f..%2f..%2fserver.h", "/page/../server.h",
          "/pictures/..%2f..%2fetc%2fpasswd", "/easel/v1/jobs/..%2fx/pictures/0", "//etc/passwd"})
        EXPECT_EQ(status_of(server.client().Get(path)), 404) << path;
}

TEST(Floods, EndAtTheLimits) {
    const RunningServer server;
    auto client = server.client();
    EXPECT_EQ(
        status_of(client.Post("/sdapi/v1/txt2img", {{"X-Long", std::string(17'000, 'a')}}, "{}", "application/json")),
        431);
    EXPECT_EQ(status_of(client.Post("/sdapi/v1/txt2img", std::string((64u << 20) + 1, ' '), "application/json")), 413);
    const std::string nested = std::string(40, '[') + std::string(40, ']');
    EXPECT_EQ(status_of(client.Post("/sdapi/v1/txt2img", R"({"styles": )" + nested + "}", "application/json")), 422);

    std::string bomb("\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\xEA\x60\0\0\xEA\x60\x08\x02\0\0\0", 29);
    bomb += std::string("\xE6\x6E\x09\x6E", 4);  // its check sum is of no account: the size is read before
    const json refused = server.post("/sdapi/v1/img2img", small_request({{"init_images", {base64(bomb)}}}), 413);
    EXPECT_EQ(refused["errors"], "init_images") << refused;
    EXPECT_EQ(server.post("/sdapi/v1/txt2img", small_request())["images"].size(), 1U);
}

TEST(Page, LoadsNothingFromElsewhereAndIsInNoFrame) {
    const RunningServer server;
    const auto page = server.client().Get("/");
    const std::string policy = page->get_header_value("Content-Security-Policy");
    for (const char* rule : {"default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"})
        EXPECT_NE(policy.find(rule), std::string::npos) << rule;
    EXPECT_EQ(policy.find("unsafe"), std::string::npos) << policy;
    for (const char* path : {"/", "/page/main.js", options_path, "/none", "/metrics"}) {
        const auto answer = server.client().Get(path);
        EXPECT_EQ(answer->get_header_value("X-Content-Type-Options"), "nosniff") << path;
        EXPECT_EQ(answer->get_header_value("Referrer-Policy"), "no-referrer") << path;
    }
}

/// Prompts, names and errors are text nodes.
TEST(Page, MakesNoMarkupOfText) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator("../src/server/page")) {
        if (entry.path().extension() != ".js") continue;
        const std::string script = testing::read_file(entry.path());
        for (const char* way :
             {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"})
            EXPECT_EQ(script.find(way), std::string::npos) << entry.path() << ": " << way;
    }
}

TEST(Telling, NamesNoFolderAndRepeatsNothing) {
    std::string log;
    std::mutex mutex;
    const std::string here = std::filesystem::absolute("golden").string();
    const std::string marker = "a-secret-that-nobody-repeats";
    {
        const RunningServer server([&](server::ServerOptions& options) {
            options.log = [&](const std::string& line) {
                const std::lock_guard lock(mutex);
                log += line + "\n";
            };
        });
        auto client = server.client();
        std::string told;
        for (const server::Route& route : server::all_routes())
            if (route.method == "GET" && route.path.find('{') == std::string_view::npos)
                told += client.Get(std::string(route.path).c_str())->body;
        EXPECT_EQ(told.find(here), std::string::npos);
        for (const json& wrong :
             {json({{"steps", marker}}), json({{"prompt", {marker}}}), json({{"init_images", {marker}}})})
            for (const char* path : {"/sdapi/v1/txt2img", "/sdapi/v1/img2img", "/easel/v1/jobs"})
                EXPECT_EQ(json::parse(client.Post(path, small_request(wrong).dump(), "application/json")->body)
                              .value("body", ""),
                          "");
        server.post("/sdapi/v1/txt2img", small_request({{"prompt", marker}}));
        client.Get(("/" + marker).c_str());
    }
    EXPECT_EQ(log.find(marker), std::string::npos) << log;
    EXPECT_EQ(log.find(here), std::string::npos) << log;
}

}  // namespace
}  // namespace easel
