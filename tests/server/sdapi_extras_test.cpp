// A second pass, and pictures that are enlarged, as clients ask for them.
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "base/base64.h"
#include "pictures/read.h"
#include "pictures/write.h"
#include "server/running_server.h"
#include "support/files.h"

namespace easel {
namespace {

using nlohmann::json;
using testing::in_base64;
using testing::picture_in;
using testing::RunningServer;
using testing::small_request;

class Enlarging : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        shared_ = std::make_unique<RunningServer>(
            [](server::ServerOptions& options) { options.collection.upscaler_dir = "golden/adapters/upscalers"; });
    }
    static void TearDownTestSuite() { shared_.reset(); }

    RunningServer& server = *shared_;
    const Picture picture = read_picture("golden/adapters/upscale/input_40x32.png");

    json enlarged(const json& changes = json::object(), int status = 200) const {
        json body = {{"image", in_base64(picture)}, {"upscaler_1", "x4"}};
        body.update(changes);
        return server.post("/sdapi/v1/extra-single-image", body, status);
    }
    static std::pair<int, int> size_of(const json& image) {
        const Picture read = picture_in(image.get<std::string>());
        return {read.width, read.height};
    }
    static std::string text_of(const json& answer) {
        return json::parse(answer["info"].get<std::string>())["infotexts"][0];
    }

  private:
    static inline std::unique_ptr<RunningServer> shared_;
};

TEST_F(Enlarging, IsListed) {
    const json upscalers = server.get("/sdapi/v1/upscalers");
    ASSERT_GE(upscalers.size(), 4u);
    EXPECT_EQ(upscalers[0]["name"], "None");
    EXPECT_EQ(upscalers[1]["name"], "Lanczos");
    const auto x2 =
        std::find_if(upscalers.begin(), upscalers.end(), [](const json& row) { return row["name"] == "x2"; });
    ASSERT_NE(x2, upscalers.end());
    EXPECT_EQ((*x2)["scale"], 2.0);
    EXPECT_EQ(upscalers.dump().find("golden/"), std::string::npos) << "no folder of the server";
    EXPECT_EQ(server.get("/sdapi/v1/latent-upscale-modes")[0]["name"], "Latent");
}

TEST_F(Enlarging, IsByAFactorOrToASize) {
    EXPECT_EQ(size_of(enlarged()["image"]), std::pair(80, 64)) << "twice, if nothing is said";
    EXPECT_EQ(size_of(enlarged({{"upscaling_resize", 3}})["image"]), std::pair(120, 96));
    const json to_size = {{"resize_mode", 1}, {"upscaling_resize_w", 100}, {"upscaling_resize_h", 100}};
    EXPECT_EQ(size_of(enlarged(to_size)["image"]), std::pair(100, 100));
    json whole = to_size;
    whole["upscaling_crop"] = false;
    EXPECT_EQ(size_of(enlarged(whole)["image"]), std::pair(125, 100));
    EXPECT_EQ(size_of(enlarged({{"upscaler_1", "None"}})["image"]), std::pair(40, 32));
    EXPECT_EQ(size_of(enlarged({{"upscaler_1", "Lanczos"}})["image"]), std::pair(80, 64));
}

TEST_F(Enlarging, IsByTheNetworkAndKeepsTheSettings) {
    const Picture other = read_picture("golden/adapters/upscale/input_37x29.png");
    const json enlarged_other = enlarged({{"image", in_base64(other)}, {"upscaling_resize", 4}});
    const Picture expected = read_picture("golden/adapters/upscale/x4_37x29.png");
    const Picture drawn = picture_in(enlarged_other["image"].get<std::string>());
    ASSERT_EQ(drawn.pixels.size(), expected.pixels.size());
    for (std::size_t i = 0; i < drawn.pixels.size(); ++i) ASSERT_NEAR(drawn.pixels[i], expected.pixels[i], 1) << i;
    const std::string with_text = base64(encode_picture(picture, PictureFormat::png, "a fox\nSteps: 3"));
    const json answer = enlarged({{"image", with_text}});
    const json read = server.post("/sdapi/v1/png-info", {{"image", answer["image"]}});
    EXPECT_EQ(read["info"], "a fox\nSteps: 3");
}

TEST_F(Enlarging, TakesSeveralPictures) {
    const json list = {{{"data", in_base64(picture)}, {"name", "a.png"}},
                       {{"data", in_base64(picture)}, {"name", "b.png"}}};
    const json answer = server.post("/sdapi/v1/extra-batch-images", {{"imageList", list}, {"upscaler_1", "Lanczos"}});
    ASSERT_EQ(answer["images"].size(), 2u);
    EXPECT_EQ(size_of(answer["images"][1]), std::pair(80, 64));
}

TEST_F(Enlarging, ThatMakesNoSenseIsRefused) {
    for (const json& changes :
         {json{{"image", "nonsense"}}, json{{"upscaler_1", "nobody"}}, json{{"upscaler_1", "../upscalers/x4"}},
          json{{"upscaler_1", "Latent"}}, json{{"upscaling_resize", -1}}, json{{"upscaling_resize", 1e9}},
          json{{"resize_mode", 1}, {"upscaling_resize_w", 30000}, {"upscaling_resize_h", 30000}},
          json{{"resize_mode", 7}}}) {
        const json refused = enlarged(changes, 422);
        EXPECT_EQ(refused.dump().find("golden/"), std::string::npos) << refused;
    }
    enlarged({{"codeformer_visibility", 0.5}}, 501);
    server.post("/sdapi/v1/extra-batch-images", {{"imageList", json::array()}}, 422);
    EXPECT_EQ(size_of(enlarged()["image"]), std::pair(80, 64)) << "and the server goes on";
}

TEST(DamagedUpscaler, IsNamedWithoutItsFolder) {
    const testing::TemporaryFolder folder;
    testing::write_file(folder / "broken.pth", "no network");
    RunningServer server([&](server::ServerOptions& options) { options.collection.upscaler_dir = folder.path(); });
    const std::string image = in_base64(read_picture("golden/adapters/upscale/input_40x32.png"));
    const json refused = server.post("/sdapi/v1/extra-single-image", {{"image", image}, {"upscaler_1", "broken"}}, 500);
    EXPECT_NE(refused.dump().find("broken.pth"), std::string::npos) << refused;
    EXPECT_EQ(refused.dump().find(folder.path().string()), std::string::npos) << refused;
    EXPECT_EQ(server.get("/sdapi/v1/upscalers").size(), 2u) << "a file that is none is not listed";
}

TEST_F(Enlarging, BetweenTwoPassesIsAsTheFieldsSay) {
    const auto drawn = [&](const json& changes) {
        json body = small_request({{"enable_hr", true}, {"denoising_strength", 0.6}});
        body.update(changes);
        return server.post("/sdapi/v1/txt2img", body);
    };
    const json twice = drawn({{"hr_upscaler", "Latent (nearest-exact)"}});
    EXPECT_EQ(size_of(twice["images"][0]), std::pair(128, 128));
    EXPECT_NE(text_of(twice).find("Denoising strength: 0.6, Hires resize: 128x128"), std::string::npos)
        << text_of(twice);
    EXPECT_EQ(size_of(drawn({{"hr_resize_x", 100}, {"hr_resize_y", 80}})["images"][0]), std::pair(96, 80));
    EXPECT_EQ(size_of(drawn({{"hr_resize_x", 96}})["images"][0]), std::pair(96, 96));
    const json by_network = drawn({{"hr_upscaler", "x2"}, {"hr_second_pass_steps", 1}});
    const std::string text = text_of(by_network);
    EXPECT_NE(text.find("Hires steps: 1, Hires upscaler: x2"), std::string::npos) << text;
    EXPECT_EQ(text.find("golden"), std::string::npos) << text;
    const json again = server.post("/sdapi/v1/txt2img", {{"infotext", text}});
    EXPECT_EQ(picture_in(again["images"][0].get<std::string>()).pixels,
              picture_in(by_network["images"][0].get<std::string>()).pixels);
}

TEST_F(Enlarging, BetweenTwoPassesThatMakesNoSenseIsRefused) {
    const auto refused = [&](const json& changes, int status) {
        json body = small_request({{"enable_hr", true}});
        body.update(changes);
        server.post("/sdapi/v1/txt2img", body, status);
    };
    refused({{"hr_upscaler", "nobody"}}, 422);
    refused({{"hr_upscaler", "/etc/passwd"}}, 422);
    refused({{"hr_scale", 0.5}}, 422);
    refused({{"hr_scale", 16}, {"width", 1024}}, 422);
    refused({{"hr_prompt", "a wolf"}}, 501);
    refused({{"hr_sampler_name", "DDIM"}, {"sampler_name", "Euler"}}, 501);
    refused({{"denoising_strength", 0}}, 422);
}

}  // namespace
}  // namespace easel
