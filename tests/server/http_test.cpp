#include "server/http.h"

#include <gtest/gtest.h>

#include "server/routes.h"

namespace easel::server {
namespace {

HttpRequest request_for(std::string_view target) {
    HttpRequest request;
    set_target(request, target);
    return request;
}

TEST(Target, HasAPathWithoutSlashesAtTheEndAndAQuery) {
    const HttpRequest request = request_for("/sdapi/v1/options//?a=1&b=&c&a=2");
    EXPECT_EQ(request.path, "/sdapi/v1/options");
    EXPECT_EQ(request.query, (std::map<std::string, std::string>{{"a", "2"}, {"b", ""}, {"c", ""}}));
    EXPECT_EQ(request_for("/").path, "/");
    EXPECT_EQ(request_for("").path, "");
}

TEST(Target, IsDecoded) {
    const HttpRequest request = request_for("/a%20b+c%zz%4?x+y=%2B%");
    EXPECT_EQ(request.path, "/a b+c%zz%4");
    EXPECT_EQ(request.query, (std::map<std::string, std::string>{{"x y", "+%"}}));
}

TEST(Headers, AreFoundInAnyCase) {
    const HttpRequest request{.headers = {{"X-One", "1"}, {"x-one", "2"}}};
    EXPECT_EQ(request.header("x-ONE"), "1");
    EXPECT_EQ(request.header("X-Two"), "");
}

TEST(LastEventSeen, IsANumberOfOursOrNone) {
    const auto seen = [](const char* text) { return last_event_seen({.headers = {{"Last-Event-ID", text}}}); };
    EXPECT_EQ(last_event_seen({}), 0U);
    EXPECT_EQ(seen("17"), 17U);
    for (const char* none : {"", "x", "-1", "1x", "1 ", "+1", "0x10", "99999999999999999999"})
        EXPECT_EQ(seen(none), 0U) << none;
}

TEST(RoutePaths, MatchWholePathsAndGiveTheirValues) {
    using Values = std::vector<std::string>;
    EXPECT_EQ(match("/a/b", "/a/b"), Values());
    EXPECT_EQ(match("/a/{id}/c/{n}", "/a/7/c/x y"), (Values{"7", "x y"}));
    for (const char* path : {"/a", "/a/", "/a//c/1", "/a/7/c/", "/a/7/c/1/", "/a/7/c/1/2", ""})
        EXPECT_EQ(match("/a/{id}/c/{n}", path), std::nullopt) << path;
}

TEST(RouteTables, HaveEachEndpointOnce) {
    std::vector<std::pair<std::string_view, std::string_view>> seen;
    for (const auto table : {sdapi_routes, sdapi_list_routes, sdapi_progress_routes, sdapi_picture_routes,
                             openai_routes, job_routes, help_routes, health_routes, page_routes})
        for (const Route& route : table()) seen.emplace_back(route.method, route.path);
    std::ranges::sort(seen);
    EXPECT_EQ(std::ranges::adjacent_find(seen), seen.end());
}

}  // namespace
}  // namespace easel::server
