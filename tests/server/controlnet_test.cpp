// ControlNets as clients see them.
#include <algorithm>

#include <gtest/gtest.h>

#include "base/base64.h"
#include "server/running_server.h"
#include "support/families.h"
#include "support/files.h"

namespace easel {
namespace {

using nlohmann::json;
using testing::in_base64;
using testing::picture_in;
using testing::RunningServer;
using testing::small_request;

class ControlNet : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        shared_ = std::make_unique<RunningServer>(
            [](server::ServerOptions& options) { options.collection.control_dir = "golden/adapters/controlnet"; });
    }
    static void TearDownTestSuite() { shared_.reset(); }

    RunningServer& server = *shared_;

    static std::string lines() { return base64(testing::read_file("golden/inputs/lines_64x64.png")); }
    static json unit(const json& changes = json::object()) {
        json unit = {{"enabled", true}, {"module", "none"}, {"model", "edges"}, {"image", lines()}};
        unit.update(changes);
        return unit;
    }
    static json with_units(const std::vector<json>& units) {
        return small_request({{"alwayson_scripts", {{"controlnet", {{"args", units}}}}}});
    }
    std::vector<std::uint8_t> pixels(const json& request) const {
        return picture_in(server.post("/sdapi/v1/txt2img", request)["images"][0].get<std::string>()).pixels;
    }

  private:
    static inline std::unique_ptr<RunningServer> shared_;
};

TEST_F(ControlNet, IsListed) {
    EXPECT_EQ(server.get("/controlnet/version")["version"], 3);
    EXPECT_EQ(server.get("/controlnet/model_list")["model_list"], json{"edges [e3b0c442]"});
    const json modules = server.get("/controlnet/module_list");
    EXPECT_EQ(modules["module_list"][0], "none");
    for (const json& name : modules["module_list"])
        EXPECT_TRUE(modules["module_detail"].contains(name.get<std::string>())) << name;
    EXPECT_EQ(modules["module_detail"]["canny"]["sliders"].size(), 3u);
    const json labels = server.get("/controlnet/module_list?alias_names=true")["module_list"];
    EXPECT_NE(std::find(labels.begin(), labels.end(), "inpaint_global_harmonious"), labels.end());
    const json types = server.get("/controlnet/control_types")["control_types"];
    EXPECT_EQ(types["All"]["model_list"], (json{"None", "edges [e3b0c442]"}));
    EXPECT_EQ(types["Canny"]["default_option"], "canny");
    EXPECT_EQ(types["Depth"]["module_list"], json{"none"});
    EXPECT_GT(server.get("/controlnet/settings")["control_net_unit_count"], 1);
    EXPECT_EQ(server.get("/sdapi/v1/scripts")["txt2img"], (json{"controlnet", "controlnet m2m"}));
    EXPECT_EQ(server.get("/easel/v1/capabilities")["controlnets"], json{"edges"});
}

TEST_F(ControlNet, ThatIsNotThereIsNotListed) {
    const RunningServer other;
    EXPECT_EQ(other.get("/controlnet/model_list")["model_list"], json::array());
    EXPECT_EQ(other.get("/sdapi/v1/scripts")["txt2img"], json::array());
    EXPECT_EQ(other.get("/easel/v1/capabilities")["controlnets"], json::array());
}

TEST_F(ControlNet, ChangesThePictureAndStaysInItsText) {
    const auto plain = pixels(small_request());
    const json answer = server.post("/sdapi/v1/txt2img", with_units({unit({{"weight", 0.8}, {"guidance_end", 0.9}})}));
    const auto followed = picture_in(answer["images"][0].get<std::string>()).pixels;
    EXPECT_NE(followed, plain);
    const json info = json::parse(answer["info"].get<std::string>());
    const std::string text = info["infotexts"][0];
    EXPECT_NE(text.find("Controls: \"edges::0.8:0:0.9\""), std::string::npos) << text;
    const json own =
        small_request({{"controls", {{{"model", "edges"}, {"picture", lines()}, {"scale", 0.8}, {"end", 0.9}}}}});
    EXPECT_EQ(pixels(own), followed);
    EXPECT_EQ(pixels(with_units({unit({{"enabled", false}})})), plain);
    EXPECT_NE(pixels(with_units({unit(), unit({{"weight", 0.5}})})), pixels(with_units({unit()})));
    EXPECT_NE(pixels(with_units({unit({{"control_mode", 2}})})), pixels(with_units({unit()})));
}

TEST_F(ControlNet, FollowsTheMaskedInitPicture) {
    const Picture init = picture_in(lines());
    Mask mask{64, 64, std::vector<std::uint8_t>(64 * 64)};
    std::fill_n(mask.pixels.begin(), 64 * 32, std::uint8_t{255});
    json request = with_units({unit({{"image", nullptr}, {"module", "inpaint_only"}})});
    request.update({{"init_images", {in_base64(init)}}, {"mask", in_base64(mask)}, {"inpaint_full_res", false}});
    const json answer = server.post("/sdapi/v1/img2img", request);
    EXPECT_NE(answer["info"].get<std::string>().find("edges:inpaint"), std::string::npos) << answer["info"];
}

TEST_F(ControlNet, DrawsInJobs) {
    json request = small_request({{"controls", {{{"model", "edges"}, {"picture", lines()}, {"annotator", "canny"}}}}});
    json job = server.post("/easel/v1/jobs", request, 202);
    const std::string path = "/easel/v1/jobs/" + job["id"].get<std::string>();
    while (job["state"] == "queued" || job["state"] == "running") job = server.get(path);
    EXPECT_EQ(job["state"], "done") << job;
    EXPECT_NE(job["pictures"][0]["parameters"].get<std::string>().find("Controls: \"edges:\""), std::string::npos);
    request["controls"][0]["model"] = "nobody";
    EXPECT_EQ(server.post("/easel/v1/jobs", request, 422)["errors"], "controls");
}

TEST_F(ControlNet, SeesWhatIsShownBefore) {
    const json seen = server.post("/easel/v1/annotate",
                                  {{"picture", lines()}, {"annotator", "canny"}, {"width", 96}, {"height", 64}});
    const Picture picture = picture_in(seen["picture"].get<std::string>());
    EXPECT_EQ(picture.width, 96);
    EXPECT_EQ(picture.height, 64);
    EXPECT_TRUE(std::ranges::all_of(picture.pixels, [](auto value) { return value == 0 || value == 255; }));
    EXPECT_EQ(server.post("/easel/v1/annotate", {{"annotator", "canny"}}, 422)["errors"], "picture");
    EXPECT_EQ(server.post("/easel/v1/annotate", {{"picture", lines()}, {"annotator", "inpaint"}}, 422)["errors"],
              "mask");
}

TEST_F(ControlNet, PicturesAreMadeByDetect) {
    for (const char* field : {"controlnet_input_images", "controlnet_images"}) {
        const json answer = server.post(
            "/controlnet/detect",
            {{"controlnet_module", "canny"}, {field, {lines(), lines()}}, {"controlnet_processor_res", 128}});
        EXPECT_EQ(answer["info"], "Success");
        ASSERT_EQ(answer["images"].size(), 2u);
        EXPECT_EQ(picture_in(answer["images"][0].get<std::string>()).width, 128);
    }
    const json masked = server.post("/controlnet/detect", {{"controlnet_module", "inpaint_only"},
                                                           {"controlnet_input_images", {lines()}},
                                                           {"controlnet_masks", {lines()}}});
    EXPECT_EQ(picture_in(masked["images"][0].get<std::string>()).width, 64);
    const auto refused = [&](const json& body) {
        return server.post("/controlnet/detect", body, 422)["errors"].get<std::string>();
    };
    EXPECT_EQ(refused({{"controlnet_module", "openpose"}, {"controlnet_input_images", {lines()}}}),
              "controlnet_module");
    for (const json& images : {json(), json::array(), json(5), json{5}, json{"%%%"}, json(11, lines())})
        EXPECT_EQ(refused({{"controlnet_module", "canny"}, {"controlnet_input_images", images}}),
                  "controlnet_input_images");
    EXPECT_EQ(refused({{"controlnet_module", "inpaint"}, {"controlnet_input_images", {lines()}}}), "controlnet_masks");
    EXPECT_EQ(
        refused(
            {{"controlnet_module", "canny"}, {"controlnet_input_images", {lines()}}, {"controlnet_threshold_a", "x"}}),
        "controlnet_threshold_a");
}

TEST_F(ControlNet, ThatIsNotThereOrDoesNotFitIsRefusedWithoutAFolder) {
    for (const char* name : {"nobody", "../controlnet/edges", "golden/adapters/controlnet/edges", "/etc/passwd"}) {
        const json refused = server.post("/sdapi/v1/txt2img", with_units({unit({{"model", name}})}), 422);
        EXPECT_EQ(refused["errors"], "controls") << refused;
    }
    testing::TemporaryFolder folder;
    std::filesystem::copy("golden/adapters/controlnet/edges", folder / "other",
                          std::filesystem::copy_options::recursive);
    std::string config = testing::read_file(folder / "other" / "config.json");
    const std::string key = "\"cross_attention_dim\": ";
    const auto at = config.find(key);
    ASSERT_NE(at, std::string::npos);
    config.insert(at + key.size(), "1");
    testing::write_file(folder / "other" / "config.json", config);
    const RunningServer misfit([&](server::ServerOptions& options) { options.collection.control_dir = folder / ""; });
    const auto answer = misfit.client().Post(
        "/sdapi/v1/txt2img", with_units({unit({{"model", "other"}})}).dump().c_str(), "application/json");
    ASSERT_TRUE(answer);
    EXPECT_GE(answer->status, 400);
    EXPECT_NE(answer->body.find("other"), std::string::npos) << answer->body;
    EXPECT_EQ(answer->body.find(folder.path().string()), std::string::npos) << answer->body;
    misfit.post("/sdapi/v1/txt2img", small_request());
}

TEST(ControlNetXl, DrawsByTheWebUisFieldsAndRefusesNetsOfOtherFamilies) {
    const testing::TemporaryFolder folder;
    std::filesystem::create_directories(folder / "nets");
    std::filesystem::copy("golden/xl_controls/edges", folder / "nets/edges_xl");
    std::filesystem::copy("golden/adapters/controlnet/edges", folder / "nets/edges_sd1");
    const RunningServer server([&](server::ServerOptions& options) {
        options.engine.model = testing::whole_model("sdxl.safetensors", folder);
        options.collection.control_dir = folder / "nets";
    });
    const auto with_net = [](const char* net, double weight) {
        const json unit = {{"enabled", true},
                           {"module", "none"},
                           {"model", net},
                           {"weight", weight},
                           {"image", base64(testing::read_file("golden/inputs/lines_64x64.png"))}};
        return small_request({{"alwayson_scripts", {{"controlnet", {{"args", {unit}}}}}}});
    };
    const auto picture_of = [&](const json& request) {
        return picture_in(server.post("/sdapi/v1/txt2img", request)["images"][0].get<std::string>()).pixels;
    };
    const auto followed = picture_of(with_net("edges_xl", 1.0));
    EXPECT_NE(followed, picture_of(small_request()));
    EXPECT_NE(followed, picture_of(with_net("edges_xl", 0.3)));
    const json refusal = server.post("/sdapi/v1/txt2img", with_net("edges_sd1", 1.0), 501);
    testing::expect_says(refusal.dump(), {"is a ControlNet for Stable Diffusion 1.x or 2.x"});
}

}  // namespace
}  // namespace easel
