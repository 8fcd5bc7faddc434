#include "server/openapi.h"

#include <gtest/gtest.h>

#include "server/routes.h"
#include "settings/table.h"

namespace easel::server {
namespace {

using nlohmann::ordered_json;

TEST(OpenApi, DescribesEveryEndpointButThePage) {
    const ordered_json document = openapi_document();
    const auto& paths = document["paths"];
    for (const Route& route : all_routes()) {
        const bool is_api = route.path.starts_with("/sdapi/") || route.path.starts_with("/v1/") ||
                            route.path.starts_with("/easel/") || route.path.starts_with("/controlnet/");
        std::string path(route.path), method = route.method == "GET"    ? "get"
                                               : route.method == "POST" ? "post"
                                                                        : "delete";
        if (const auto star = path.find('*'); star != std::string::npos) path.erase(star, 1);
        EXPECT_TRUE(!is_api || (paths.contains(path) && paths[path].contains(method))) << method << " " << path;
    }
    EXPECT_FALSE(paths.contains("/"));
}

TEST(OpenApi, HasTheLimitsOfTheSettings) {
    const ordered_json document = openapi_document();
    const auto& fields = document["components"]["schemas"]["Text2ImageRequest"]["properties"];
    EXPECT_EQ(fields["steps"]["maximum"], most_inference_steps);
    EXPECT_EQ(fields["width"]["maximum"], largest_side);
    EXPECT_EQ(fields["batch_size"]["default"], 1);
    EXPECT_FALSE(fields.contains("init_images"));
}

TEST(OpenApi, RefersOnlyToWhatItDefines) {
    const ordered_json document = openapi_document();
    const ordered_json flat = document.flatten();
    for (const auto& [key, value] : flat.items())
        if (key.ends_with("/$ref")) {
            const std::string name = value.get<std::string>();
            EXPECT_TRUE(document.contains(ordered_json::json_pointer(name.substr(1)))) << name;
        }
}

}  // namespace
}  // namespace easel::server
