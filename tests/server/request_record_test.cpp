#include "server/request_record.h"

#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace easel::server {
namespace {

using nlohmann::json;

class Recorded : public ::testing::Test {
  protected:
    std::vector<json> lines;
    Log log{[this](const std::string& line) { lines.push_back(json::parse(line)); }};
    Metrics metrics;

    HttpRequest request(Headers headers = {}) const {
        HttpRequest made;
        made.method = "POST";
        made.headers = std::move(headers);
        return made;
    }
};

TEST_F(Recorded, IsLoggedAndCountedWhenItIsOver) {
    {
        RequestRecord record(request({{"x-request-id", "abc-1"}}), metrics, log);
        record.route = "/v1/models";
        record.status = 200;
        record.job = "17";
        EXPECT_TRUE(lines.empty());
    }
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0]["level"], "info");
    EXPECT_EQ(lines[0]["request_id"], "abc-1");
    EXPECT_EQ(lines[0]["route"], "/v1/models");
    EXPECT_EQ(lines[0]["status"], 200);
    EXPECT_EQ(lines[0]["job"], "17");
    EXPECT_GE(lines[0]["seconds"], 0.0);
    EXPECT_FALSE(lines[0].contains("prompt"));
    EXPECT_NE(metrics.text({}).find(R"({route="/v1/models",method="POST",code="200"} 1)"), std::string::npos);
}

TEST_F(Recorded, HasAStatusOfItsOwnWhenTheClientLeft) {
    { const RequestRecord record(request(), metrics, log); }
    EXPECT_EQ(lines.at(0)["status"], 499);
}

TEST_F(Recorded, TakesNoIdThatIsUnfitForALog) {
    for (const std::string& id : {std::string("a b"), std::string("a\nb"), std::string(129, 'x'), std::string()}) {
        const RequestRecord record(request({{"X-Request-Id", id}}), metrics, log);
        EXPECT_EQ(record.id.size(), 32U) << id;
    }
}

TEST_F(Recorded, CountsMethodsThatNobodyKnowsAsOne) {
    HttpRequest strange;
    strange.method = "BREW";
    { const RequestRecord record(strange, metrics, log); }
    EXPECT_NE(metrics.text({}).find(R"(method="other")"), std::string::npos);
}

}  // namespace
}  // namespace easel::server
