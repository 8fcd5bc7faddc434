// LoRAs and embeddings that prompts name, as clients see them.
#include "server/named_files.h"

#include <gtest/gtest.h>

#include "server/refusal.h"
#include "server/running_server.h"

namespace easel {
namespace {

using nlohmann::json;
using testing::picture_in;
using testing::RunningServer;
using testing::small_request;

const Collection golden = {.lora_dir = "golden/adapters/loras", .embedding_dir = "golden/adapters/embeddings"};

class NamedFiles : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        shared_ = std::make_unique<RunningServer>([](server::ServerOptions& options) { options.collection = golden; });
    }
    static void TearDownTestSuite() { shared_.reset(); }

    RunningServer& server = *shared_;

    json info(const std::string& prompt, std::vector<std::uint8_t>& pixels) const {
        const json answer = server.post("/sdapi/v1/txt2img", small_request({{"prompt", prompt}}));
        pixels = picture_in(answer["images"][0].get<std::string>()).pixels;
        return json::parse(answer["info"].get<std::string>());
    }

  private:
    static inline std::unique_ptr<RunningServer> shared_;
};

TEST_F(NamedFiles, AreListed) {
    const json loras = server.get("/sdapi/v1/loras");
    const auto kohya = std::find_if(loras.begin(), loras.end(), [](const json& row) { return row["name"] == "kohya"; });
    ASSERT_NE(kohya, loras.end());
    EXPECT_EQ((*kohya)["path"], "kohya.safetensors") << "no folder of the server";
    EXPECT_TRUE((*kohya)["metadata"].is_object());
    const json embeddings = server.get("/sdapi/v1/embeddings");
    EXPECT_TRUE(embeddings["loaded"].contains("bad_hands")) << embeddings;
    EXPECT_GT(embeddings["loaded"]["bad_hands"]["vectors"], 0);
    const json capabilities = server.get("/easel/v1/capabilities");
    EXPECT_NE(std::find(capabilities["loras"].begin(), capabilities["loras"].end(), "kohya"),
              capabilities["loras"].end());
    EXPECT_FALSE(capabilities["embeddings"].empty());
}

TEST_F(NamedFiles, ChangeThePictureAndStayInItsText) {
    std::vector<std::uint8_t> plain, with_lora, with_word, again;
    info("a fox", plain);
    const json told = info("a <lora:kohya:0.5>fox", with_lora);
    EXPECT_NE(with_lora, plain);
    EXPECT_EQ(told["prompt"], "a fox<lora:kohya:0.5>");
    const std::string text = told["infotexts"][0];
    EXPECT_EQ(text.rfind("a fox<lora:kohya:0.5>\n", 0), 0u) << text;
    EXPECT_NE(text.find("Lora hashes: \"kohya: "), std::string::npos) << text;
    const json answer = server.post("/sdapi/v1/txt2img", {{"infotext", text}});
    EXPECT_EQ(picture_in(answer["images"][0].get<std::string>()).pixels, with_lora);
    const std::string with_hash = info("a fox, bad_hands", with_word)["infotexts"][0];
    EXPECT_NE(with_hash.find("TI hashes: \"bad_hands: "), std::string::npos) << with_hash;
}

TEST_F(NamedFiles, ThatAreNotThereOrDoNotFitAreRefusedWithoutAFolder) {
    for (const char* prompt :
         {"<lora:nobody:1>", "<lora:../loras/kohya:1>", "<hypernet:kohya:1>", "<lora:kohya:much>"}) {
        const json refused = server.post("/sdapi/v1/txt2img", small_request({{"prompt", prompt}}), 422);
        EXPECT_EQ(refused.dump().find("golden/"), std::string::npos) << refused;
    }
    const json refused =
        server.post("/sdapi/v1/txt2img", small_request({{"prompt", "<lora:refuse_half_a_pair:1>"}}), 500);
    EXPECT_NE(refused.dump().find("refuse_half_a_pair"), std::string::npos) << refused;
    EXPECT_EQ(refused.dump().find("golden/"), std::string::npos) << refused;
    std::vector<std::uint8_t> pixels;
    info("a fox", pixels);
}

}  // namespace
}  // namespace easel
