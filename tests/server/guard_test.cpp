#include "server/guard.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "server/refusal.h"

namespace easel::server {
namespace {

/// The status that a request is refused with; 0 when it is let in.
int status_of_refusal(const HttpRequest& request, const GuardOptions& options = {}) {
    try {
        check_admission(request, options);
        return 0;
    } catch (const Refusal& refusal) {
        return refusal.status();
    }
}

HttpRequest request(const char* method, Headers headers) {
    return {.method = method, .path = "/sdapi/v1/options", .headers = std::move(headers)};
}

TEST(Host, IsAnAddressOrANameOfThisMachine) {
    for (const char* host : {"127.0.0.1", "127.0.0.1:7860", "localhost:7860", "LOCALHOST", "192.168.1.5:80",
                             "[::1]:7860", "host.docker.internal:7860"})
        EXPECT_EQ(status_of_refusal(request("GET", {{"Host", host}})), 0) << host;
    for (const char* host :
         {"evil.example", "127.0.0.1.evil.example", "localhost.evil.example:7860", "[evil]", "1.2.3"})
        EXPECT_EQ(status_of_refusal(request("GET", {{"Host", host}})), 403) << host;
    EXPECT_EQ(status_of_refusal(request("GET", {})), 400);
}

TEST(Host, CanBeAllowedByName) {
    const GuardOptions options{.allowed_hosts = {"Draw.example"}};
    EXPECT_EQ(status_of_refusal(request("GET", {{"Host", "draw.example:7860"}}), options), 0);
    EXPECT_EQ(status_of_refusal(request("GET", {{"Host", "x.draw.example"}}), options), 403);
}

TEST(Origin, OfAnotherSiteMayReadNothingButPagesAndChangesNothing) {
    const std::string host = "localhost:7860";
    const auto post = [&](Headers headers) {
        headers.emplace_back("Host", host);
        return request("POST", std::move(headers));
    };
    EXPECT_EQ(status_of_refusal(post({})), 0);
    EXPECT_EQ(status_of_refusal(post({{"Origin", "http://localhost:7860"}, {"Sec-Fetch-Site", "same-origin"}})), 0);
    EXPECT_EQ(status_of_refusal(post({{"Origin", "https://localhost:7860"}})), 0);
    for (const char* origin : {"http://evil.example", "null", "http://localhost", "http://localhost.evil.example:7860"})
        EXPECT_EQ(status_of_refusal(post({{"Origin", origin}})), 403) << origin;
    EXPECT_EQ(status_of_refusal(post({{"Sec-Fetch-Site", "cross-site"}})), 403);
    EXPECT_EQ(status_of_refusal(request("DELETE", {{"Host", host}, {"Origin", "http://evil.example"}})), 403);
    EXPECT_EQ(status_of_refusal(request("GET", {{"Host", host}, {"Sec-Fetch-Site", "cross-site"}})), 0);
}

TEST(Origin, CanBeAllowedExactly) {
    const GuardOptions options{.cors_origins = {"https://draw.example"}};
    const Headers host = {{"Host", "localhost"}};
    EXPECT_EQ(status_of_refusal(request("POST", {{"Host", "localhost"}, {"Origin", "https://draw.example"}}), options),
              0);
    EXPECT_EQ(status_of_refusal(request("POST", {{"Host", "localhost"}, {"Origin", "http://draw.example"}}), options),
              403);
}

TEST(Password, IsAskedForOnceThereIsOne) {
    const GuardOptions options{.password = "me:wo:rd"};
    const auto with = [&](const std::string& authorization) {
        return status_of_refusal(request("GET", {{"Host", "localhost"}, {"Authorization", authorization}}), options);
    };
    EXPECT_EQ(with("Basic " + base64("me:wo:rd")), 0);
    EXPECT_EQ(with("basic " + base64("me:wo:rd")), 0);
    EXPECT_EQ(with("Bearer wo:rd"), 0);
    for (const std::string& wrong :
         {std::string(), std::string("Basic"), std::string("Basic "), std::string("Basic %%%"), std::string("Bearer "),
          "Basic " + base64("me:wo:r"), "Basic " + base64("me:wo:rdd"), "Basic " + base64(""), std::string("Digest x"),
          std::string("Bearer me:wo:rd")})
        EXPECT_EQ(with(wrong), 401) << wrong;
}

TEST(Password, IsNotAskedForHealth) {
    const GuardOptions options{.password = "me:word"};
    EXPECT_EQ(status_of_refusal({.method = "GET", .path = "/healthz", .headers = {{"Host", "localhost"}}}, options), 0);
    EXPECT_EQ(status_of_refusal({.method = "GET", .path = "/", .headers = {{"Host", "localhost"}}}, options), 401);
}

TEST(Loopback, IsThisMachineAlone) {
    for (const char* host : {"localhost", "127.0.0.1", "127.9.9.9", "::1"}) EXPECT_TRUE(is_loopback(host)) << host;
    for (const char* host : {"0.0.0.0", "::", "192.168.1.5", "127.evil.example", "example.org"})
        EXPECT_FALSE(is_loopback(host)) << host;
}

}  // namespace
}  // namespace easel::server
