// The server as its clients see it, with the small model of the tests.
#include <atomic>
#include <chrono>
#include <future>

#include <gtest/gtest.h>

#include "base/base64.h"
#include "server/running_server.h"
#include "support/files.h"

namespace easel {
namespace {

using nlohmann::json;
using testing::in_base64;
using testing::long_request;
using testing::picture_in;
using testing::RunningServer;
using testing::small_request;

/// One server for all tests of a suite; each leaves it idle.
class Draw : public ::testing::Test {
  protected:
    static void SetUpTestSuite() { shared_ = std::make_unique<RunningServer>(); }
    static void TearDownTestSuite() { shared_.reset(); }

    RunningServer& server = *shared_;

    /// The answer with `info` read.
    json draw(const json& request, const char* endpoint = "txt2img") const {
        json answer = server.post(std::string("/sdapi/v1/") + endpoint, request);
        answer["info"] = json::parse(answer["info"].get<std::string>());
        return answer;
    }

    /// Draws in another thread.
    std::future<json> draw_meanwhile(const json& request) const {
        return std::async(std::launch::async, [this, request] { return draw(request); });
    }

    /// The progress once a step of a job has been made.
    json wait_for_a_step() const {
        const auto begin = std::chrono::steady_clock::now();
        while (std::chrono::steady_clock::now() - begin < std::chrono::seconds(60)) {
            json progress = server.get("/sdapi/v1/progress");
            if (progress["state"]["sampling_step"] > 0) return progress;
        }
        throw std::runtime_error("no job has made a step");
    }

  private:
    static inline std::unique_ptr<RunningServer> shared_;
};

/// A picture with a gradient.
Picture photo(int side) {
    Picture picture{side, side, {}};
    for (int y = 0; y < side; ++y)
        for (int x = 0; x < side; ++x)
            for (const int value : {255 * x / side, 255 * y / side, 128})
                picture.pixels.push_back(static_cast<std::uint8_t>(value));
    return picture;
}

/// White in the right half.
Mask right_half(int side) {
    Mask mask{side, side, {}};
    for (int i = 0; i < side * side; ++i) mask.pixels.push_back(i % side >= side / 2 ? 255 : 0);
    return mask;
}

bool same_column(const Picture& a, const Picture& b, int x) {
    for (int y = 0; y < a.height; ++y)
        for (int c = 0; c < 3; ++c) {
            const std::size_t at = 3 * (static_cast<std::size_t>(y) * a.width + x) + c;
            if (a.pixels[at] != b.pixels[at]) return false;
        }
    return true;
}

TEST_F(Draw, GivesThePictureThatTheLibraryDraws) {
    Engine engine({.model = testing::tiny_model(), .precision = "f32"});
    const Result expected = engine.generate({.prompt = "a red house",
                                             .width = 64,
                                             .height = 64,
                                             .num_inference_steps = 2,
                                             .guidance_scale = 5.0,
                                             .seed = 7});
    const json answer = draw(small_request({{"cfg_scale", 5}}));
    ASSERT_EQ(answer["images"].size(), 1U);
    EXPECT_EQ(picture_in(answer["images"][0]), expected.picture);
    EXPECT_EQ(answer["info"]["infotexts"][0], expected.parameters);
    EXPECT_EQ(answer["info"]["seed"], 7);
    EXPECT_EQ(answer["parameters"]["restore_faces"], false);
    EXPECT_EQ(answer["parameters"]["width"], 64);
}

TEST_F(Draw, CountsSeedsUpAndGivesEachPictureAsAlone) {
    const json answer = draw(small_request({{"batch_size", 2}, {"n_iter", 2}, {"seed", 20}}));
    EXPECT_EQ(answer["info"]["all_seeds"], (std::vector<int>{20, 21, 22, 23}));
    ASSERT_EQ(answer["images"].size(), 4U);
    EXPECT_EQ(answer["images"][3], draw(small_request({{"seed", 23}}))["images"][0]);
}

TEST_F(Draw, NamesTheFieldOfAWrongValueAsTheApiDoes) {
    for (const auto& [field, value] : std::map<std::string, json>{{"steps", 0},
                                                                  {"cfg_scale", "high"},
                                                                  {"width", 100000},
                                                                  {"sampler_name", 3},
                                                                  {"batch_size", 65},
                                                                  {"override_settings", "x"},
                                                                  {"infotext", "no settings"},
                                                                  {"send_images", "perhaps"}}) {
        const json error = server.post("/sdapi/v1/txt2img", small_request({{field, value}}), 422);
        EXPECT_EQ(error["errors"], field);
        EXPECT_NE(error["detail"].get<std::string>().find(field), std::string::npos) << error;
        EXPECT_EQ(error["detail"].get<std::string>().find('`'), std::string::npos) << error;
    }
}

TEST_F(Draw, RefusesByStatus) {
    EXPECT_TRUE(server.post("/sdapi/v1/txt2img", small_request({{"sampler_name", "none such"}}), 400).is_object());
    EXPECT_TRUE(server.post("/sdapi/v1/options", {{"sd_model_checkpoint", "none such"}}, 404).is_object());
    EXPECT_TRUE(server.post("/sdapi/v1/txt2img", small_request({{"tiling", true}}), 501).is_object());
    EXPECT_TRUE(server.get("/sdapi/v1/none-such", 404).is_object());
    EXPECT_TRUE(server.get("/sdapi/v1/txt2img", 405).is_object());
}

TEST_F(Draw, TellsProgressWithAPreviewAndEndsWhenItIsInterrupted) {
    auto drawn = draw_meanwhile(long_request());
    const json progress = wait_for_a_step();
    EXPECT_GT(progress["progress"], 0.0);
    EXPECT_EQ(progress["state"]["job_count"], 50);
    EXPECT_GT(picture_in(progress["current_image"]).width, 0);
    EXPECT_TRUE(server.get("/sdapi/v1/progress?skip_current_image=true")["current_image"].is_null());
    server.post("/sdapi/v1/interrupt", json::object());
    const json answer = drawn.get();
    EXPECT_EQ(answer["images"].size(), answer["info"]["infotexts"].size());
    EXPECT_LT(answer["images"].size(), 50U);
    EXPECT_GE(answer["images"].size(), 1U);
    EXPECT_EQ(server.get("/sdapi/v1/progress")["progress"], 0.0);
    EXPECT_EQ(server.get("/sdapi/v1/progress")["state"]["job_count"], 0);
}

TEST_F(Draw, InterruptOfNothingStopsNothing) {
    const json before = draw(small_request())["images"];
    server.post("/sdapi/v1/interrupt", json::object());
    server.post("/sdapi/v1/skip", json::object());
    EXPECT_EQ(draw(small_request())["images"], before);
}

TEST_F(Draw, StopsWhenItsClientGoesAway) {
    {
        httplib::Client client("127.0.0.1", server.port());
        client.set_read_timeout(0, 300'000);
        EXPECT_FALSE(client.Post("/sdapi/v1/txt2img", long_request().dump(), "application/json"));
    }
    EXPECT_EQ(draw(small_request())["images"].size(), 1U);  // in minutes, would the other go on
}

TEST_F(Draw, AnswersListsWhileItDraws) {
    auto drawn = draw_meanwhile(long_request());
    wait_for_a_step();
    for (const char* path : {"/sdapi/v1/options", "/sdapi/v1/samplers", "/sdapi/v1/sd-models", "/healthz"})
        EXPECT_FALSE(server.get(path).empty()) << path;
    EXPECT_EQ(server.get("/queue/status")["queue_size"], 1);
    server.post("/sdapi/v1/interrupt", json::object());
    drawn.get();
}

TEST_F(Draw, BeginsFromAPictureInAnyFormOfBase64) {
    const std::string source = in_base64(photo(64));
    const json bare = draw(small_request({{"init_images", {source}}, {"denoising_strength", 0.5}}), "img2img");
    const json url =
        draw(small_request({{"init_images", {"data:image/png;base64," + source}}, {"denoising_strength", "0.5"}}),
             "img2img");
    EXPECT_EQ(bare["images"], url["images"]);
    EXPECT_NE(bare["info"]["infotexts"][0].get<std::string>().find("Denoising strength: 0.5"), std::string::npos);
    EXPECT_TRUE(bare["parameters"]["init_images"].is_null());
}

TEST_F(Draw, StrengthZeroGivesThePictureBackAndASmallOneTakesAStep) {
    const Picture source = photo(64);
    const json kept = draw(small_request({{"init_images", {in_base64(source)}}, {"denoising_strength", 0}}), "img2img");
    EXPECT_EQ(picture_in(kept["images"][0]), source);
    EXPECT_NE(kept["info"]["infotexts"][0].get<std::string>().find("Denoising strength: 0,"), std::string::npos);
    EXPECT_EQ(kept["info"]["seed"], 7);
    const json small =
        draw(small_request({{"init_images", {in_base64(source)}}, {"denoising_strength", 0.01}}), "img2img");
    EXPECT_NE(picture_in(small["images"][0]), source);
}

TEST_F(Draw, RepaintsWhatIsWhiteInTheMaskAlone) {
    const Picture source = photo(64);
    for (const bool inverted : {false, true}) {
        const json answer = draw(small_request({{"init_images", {in_base64(source)}},
                                                {"mask", in_base64(right_half(64))},
                                                {"mask_blur", 0},
                                                {"inpainting_fill", 1},
                                                {"inpaint_full_res", false},
                                                {"inpainting_mask_invert", inverted ? 1 : 0}}),
                                 "img2img");
        const Picture result = picture_in(answer["images"][0]);
        EXPECT_EQ(same_column(source, result, 5), !inverted);
        EXPECT_EQ(same_column(source, result, 60), inverted);
    }
}

TEST_F(Draw, BeginsTheMaskedPartWithWhatIsAskedForAndKeepsTheRest) {
    const Picture source = photo(64);
    std::vector<json> drawn;
    for (int content = 0; content < 4; ++content) {
        const json answer = draw(small_request({{"init_images", {in_base64(source)}},
                                                {"mask", in_base64(right_half(64))},
                                                {"mask_blur", 0},
                                                {"inpainting_fill", content},
                                                {"inpaint_full_res", false}}),
                                 "img2img");
        EXPECT_TRUE(same_column(source, picture_in(answer["images"][0]), 5)) << content;
        for (const json& other : drawn) EXPECT_NE(answer["images"][0], other) << content;
        drawn.push_back(answer["images"][0]);
        const std::string text = answer["info"]["infotexts"][0];
        EXPECT_EQ(text.find("Masked content: ") == std::string::npos, content == 1) << text;
    }
}

TEST_F(Draw, OnlyMaskedGivesThePicturesOwnSizeAndKeepsTheRest) {
    const Picture source = photo(128);
    Mask mask{128, 128, std::vector<std::uint8_t>(128 * 128)};
    for (int y = 64; y < 96; ++y)
        for (int x = 64; x < 96; ++x) mask.pixels[static_cast<std::size_t>(y) * 128 + x] = 255;
    const json answer = draw(small_request({{"init_images", {in_base64(source)}},
                                            {"mask", in_base64(mask)},
                                            {"mask_blur", 0},
                                            {"inpainting_fill", 1}}),
                             "img2img");
    const Picture result = picture_in(answer["images"][0]);
    ASSERT_EQ(result.width, 128);
    for (const int x : {0, 63, 96, 127}) EXPECT_TRUE(same_column(source, result, x)) << x;
    EXPECT_FALSE(same_column(source, result, 80));
}

TEST_F(Draw, GivesTheSettingsOfAPictureBack) {
    const json answer = draw(small_request({{"negative_prompt", "blue"}}));
    const json told = server.post("/sdapi/v1/png-info", {{"image", answer["images"][0]}});
    EXPECT_EQ(told["info"], answer["info"]["infotexts"][0]);
    EXPECT_EQ(told["parameters"]["Prompt"], "a red house");
    EXPECT_EQ(told["parameters"]["Negative prompt"], "blue");
    EXPECT_EQ(told["parameters"]["Size-2"], "64");
    EXPECT_EQ(server.post("/sdapi/v1/png-info", {{"image", in_base64(photo(8))}})["info"], "");
}

TEST_F(Draw, JobsGoOnWithoutTheirClientAndAreToldOfByEvents) {
    const json job = server.post("/easel/v1/jobs", small_request({{"batch_size", 2}}), 202);
    const std::string path = "/easel/v1/jobs/" + job["id"].get<std::string>();
    std::string events;
    server.client().Get((path + "/events").c_str(), [&](const char* data, std::size_t size) {
        events.append(data, size);
        return true;
    });
    EXPECT_NE(events.find("event: done\n"), std::string::npos) << events.substr(0, 500);
    const json done = server.get(path);
    EXPECT_EQ(done["state"], "done");
    ASSERT_EQ(done["pictures"].size(), 2U);
    const auto picture = server.client().Get(done["pictures"][1]["url"].get<std::string>().c_str());
    EXPECT_EQ(picture->get_header_value("Content-Type"), "image/png");
    EXPECT_EQ(server.client().Delete(path.c_str())->status, 204);
    EXPECT_EQ(server.get(path, 404)["error"], "Not Found");
}

TEST_F(Draw, EventsTellOfQuickStepsTenTimesASecond) {
    const auto begin = std::chrono::steady_clock::now();
    const json job = server.post("/easel/v1/jobs", small_request({{"steps", 200}, {"sampler_name", "Euler"}}), 202);
    std::string events;
    server.client().Get(("/easel/v1/jobs/" + job["id"].get<std::string>() + "/events").c_str(),
                        [&](const char* data, std::size_t size) {
                            events.append(data, size);
                            return true;
                        });
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    int told = 0;
    for (std::size_t at = 0; (at = events.find("event: progress\n", at)) != std::string::npos; ++at) ++told;
    constexpr int stages = 6;
    EXPECT_LE(told, 10 * seconds + 2 * stages);
    EXPECT_NE(events.find("\"preview\":\"data:image/png"), std::string::npos);
    EXPECT_NE(events.find("\"step\":200"), std::string::npos) << "the last step";
}

TEST_F(Draw, JobIsCancelledByDeletingIt) {
    const json job = server.post("/easel/v1/jobs", long_request(), 202);
    wait_for_a_step();
    EXPECT_EQ(server.client().Delete(("/easel/v1/jobs/" + job["id"].get<std::string>()).c_str())->status, 204);
    EXPECT_EQ(draw(small_request())["images"].size(), 1U);
}

TEST_F(Draw, FailedJobTellsTheFieldAsTheApiNamesIt) {
    const json error = server.post("/easel/v1/jobs", small_request({{"cfg_scale", 1000}}), 422);
    EXPECT_EQ(error["errors"], "cfg_scale");
}

TEST_F(Draw, DrawsForOpenAisClients) {
    const json answer = server.post(
        "/v1/images/generations",
        {{"prompt", "a red house"}, {"model", "dall-e-2"}, {"size", "64x64"}, {"n", 2}, {"steps", 2}, {"seed", 7}});
    ASSERT_EQ(answer["data"].size(), 2U);
    EXPECT_FALSE(answer["data"][0].contains("url"));
    EXPECT_EQ(picture_in(answer["data"][0]["b64_json"]), picture_in(draw(small_request())["images"][0]));
    const json error = server.post("/v1/images/generations", {{"prompt", "x"}, {"size", "large"}}, 400)["error"];
    EXPECT_EQ(error["param"], "size");
    EXPECT_EQ(error["type"], "invalid_request_error");
    EXPECT_EQ(server.get("/v1/models/none-such", 404)["error"]["code"], "model_not_found");
}

TEST_F(Draw, GivesThePageAndItsFilesAndNothingElseOfTheMachine) {
    const auto page = server.client().Get("/");
    EXPECT_EQ(page->status, 200);
    EXPECT_EQ(page->get_header_value("Content-Type"), "text/html; charset=utf-8");
    EXPECT_NE(page->get_header_value("Content-Security-Policy").find("default-src 'self'"), std::string::npos);
    EXPECT_EQ(page->body, testing::read_file("../src/server/page/index.html"));
    EXPECT_EQ(page->get_header_value("X-Content-Type-Options"), "nosniff");
    for (const char* file : {"/page/page.css", "/page/main.js", "/page/vendor/preact.mjs", "/page/icon.svg"}) {
        const auto answer = server.client().Get(file);
        EXPECT_EQ(answer->status, 200) << file;
        EXPECT_EQ(answer->body, testing::read_file(std::string("../src/server") + file));
        EXPECT_EQ(server.client().Get(file, {{"If-None-Match", answer->get_header_value("ETag")}})->status, 304);
    }
    for (const char* path : {"/page/..%2f..%2fetc%2fpasswd", "/page/nothing", "/etc/passwd"})
        EXPECT_EQ(server.client().Get(path)->status, 404) << path;
    EXPECT_TRUE(server.client().Head("/")->body.empty());
}

TEST_F(Draw, GivesThePageZippedToThoseThatTakeIt) {
    const httplib::Headers takes_it = {{"Accept-Encoding", "br, gzip"}}, takes_none = {{"Accept-Encoding", "gzip;q=0"}};
    auto client = server.client();
    client.set_decompress(false);
    const auto zipped = client.Get("/page/page.css", takes_it), plain = client.Get("/page/page.css", takes_none);
    EXPECT_EQ(zipped->get_header_value("Content-Encoding"), "gzip");
    EXPECT_LT(zipped->body.size(), plain->body.size() / 2);
    EXPECT_EQ(plain->get_header_value("Content-Encoding"), "");
    EXPECT_NE(zipped->get_header_value("ETag"), plain->get_header_value("ETag"));
    EXPECT_NE(zipped->get_header_value("Vary").find("Accept-Encoding"), std::string::npos);
}

TEST_F(Draw, CountsTheTokensAndChunksOfAPrompt) {
    const json read = server.post("/easel/v1/tokens", {{"prompt", "a red house"}});
    EXPECT_EQ(read["ids"].size(), 77U);
    EXPECT_EQ(read["count"], 3);
    EXPECT_EQ(read["limit"], 75);
    EXPECT_EQ(read["cut"], json::array());
    std::string long_prompt;
    for (int i = 0; i < 75; ++i) long_prompt += "red ";
    const json plain = {{"prompt", long_prompt + "house"}, {"prompt_syntax", "plain"}};
    EXPECT_EQ(server.post("/easel/v1/tokens", plain)["cut"], json::array({"house"}));
    const json in_chunks = server.post("/easel/v1/tokens", {{"prompt", long_prompt + "(house:1.2) [red|blue]"}});
    EXPECT_EQ(in_chunks["count"], 77);
    EXPECT_EQ(in_chunks["chunks"], 2);
    EXPECT_EQ(in_chunks["limit"], 150);
    EXPECT_EQ(in_chunks["cut"], json::array());
    for (const json& wrong : {json(nullptr), json(7), json(std::string(40'000, 'a'))})
        EXPECT_EQ(server.post("/easel/v1/tokens", json::object({{"prompt", wrong}}), 422)["errors"], "prompt");
}

TEST_F(Draw, MakesTheMaskOfAPersonAndRefusesAPictureWithoutOne) {
    ::setenv("EASEL_HOME", "..", 1);
    const std::string astronaut = testing::read_file("golden/person_mask/astronaut.png");
    const json found = server.post("/easel/v1/mask", {{"image", base64(astronaut)}, {"invert", true}});
    const Picture mask = picture_in(found["mask"]);
    EXPECT_EQ(mask.width, 512);
    EXPECT_EQ(mask.pixels.front(), 255);
    EXPECT_EQ(mask.pixels[3 * (std::size_t{256} * 512 + 256)], 0);
    EXPECT_EQ(server.post("/easel/v1/mask", {{"image", in_base64(photo(64))}}, 422)["errors"], "image");
    EXPECT_EQ(server.post("/easel/v1/mask", {{"image", base64(astronaut)}, {"threshold", 2}}, 422)["errors"],
              "threshold");
    EXPECT_EQ(server.post("/easel/v1/mask", json::object(), 422)["errors"], "image");
}

TEST(Serving, DrawsWhatWasTakenBeforeItEnds) {
    RunningServer server;
    auto drawn = std::async(std::launch::async, [&] {
        return server.post("/sdapi/v1/txt2img", small_request({{"n_iter", 20}}));
    });
    while (server.get("/queue/status")["queue_size"] == 0) std::this_thread::yield();
    server.stop();
    EXPECT_EQ(drawn.get()["images"].size(), 20U);
}

TEST(Serving, TakesNoPortThatAnotherHas) {
    const RunningServer server;
    server::ServerOptions options;
    options.port = static_cast<std::uint16_t>(server.port());
    testing::expect_says(testing::sentence_of([&] { server::Server second(options); }),
                         {"`port`", std::to_string(server.port()), "another program has it"});
}

TEST(Serving, WantsAPasswordWhereOthersCanReachIt) {
    server::ServerOptions options;
    options.host = "0.0.0.0";
    options.port = 0;
    testing::expect_says(testing::sentence_of([&] { server::Server open(options); }), {"`host` 0.0.0.0", "password"});
}

TEST(Serving, EndsWithASentenceWhenTheModelCannotBeOpened) {
    server::ServerOptions options;
    options.port = 0;
    options.engine.model = "golden/no-such-model";
    server::Server server(options);
    testing::expect_says(testing::sentence_of([&] { server.run({}); }), {"no-such-model"});
}

TEST(Serving, RefusesWhatTheQueueCannotTake) {
    const RunningServer server([](server::ServerOptions& options) { options.queue = 1; });
    const json running = server.post("/easel/v1/jobs", long_request(), 202);
    while (server.get("/sdapi/v1/progress")["progress"] == 0.0) std::this_thread::yield();
    server.post("/easel/v1/jobs", long_request(), 202);
    const auto refused = server.client().Post("/sdapi/v1/txt2img", small_request().dump(), "application/json");
    EXPECT_EQ(refused->status, 503);
    EXPECT_FALSE(refused->get_header_value("Retry-After").empty());
    server.client().Delete(("/easel/v1/jobs/" + running["id"].get<std::string>()).c_str());
    server.post("/sdapi/v1/interrupt", json::object());
}

TEST(Serving, SwitchesBetweenItsModelsAndKeepsTheOldOneWhenTheNewOneFails) {
    testing::TemporaryFolder folder;
    std::filesystem::create_directories(folder / "broken/unet");
    const RunningServer server([&](server::ServerOptions& options) {
        options.find_models = [&] {
            return std::vector<server::NamedModel>{
                {.title = "", .path = std::filesystem::absolute("golden/tiny/single/tiny.safetensors")},
                {.title = "someone/broken", .path = folder / "broken"}};
        };
    });
    const std::string first = server.get("/sdapi/v1/options")["sd_model_checkpoint"];
    EXPECT_EQ(server.get("/sdapi/v1/sd-models").size(), 3U);
    const auto failed =
        server.client().Post("/sdapi/v1/options", R"({"sd_model_checkpoint": "someone/broken"})", "application/json");
    EXPECT_GE(failed->status, 400);
    EXPECT_EQ(failed->body.find(folder.path().string()), std::string::npos) << failed->body;
    EXPECT_EQ(server.get("/sdapi/v1/options")["sd_model_checkpoint"], first);
    EXPECT_EQ(server.post("/sdapi/v1/txt2img", small_request())["images"].size(), 1U);
}

TEST(Serving, RefinesWithTheModelThatARequestNames) {
    testing::TemporaryFolder folder;
    std::filesystem::create_directories(folder / "broken/unet");
    const RunningServer server([&](server::ServerOptions& options) {
        options.engine.refiner = std::filesystem::absolute("golden/tiny/single/tiny.safetensors");
        options.find_models = [&] {
            return std::vector<server::NamedModel>{{.title = "someone/broken", .path = folder / "broken"}};
        };
    });
    const auto text = [&](const json& changes) {
        const json answer = server.post("/sdapi/v1/txt2img", small_request(changes));
        return json::parse(answer["info"].get<std::string>())["infotexts"][0].get<std::string>();
    };
    EXPECT_EQ(server.get("/sdapi/v1/sd-models").size(), 3U) << "the server's refiner is one of them";
    EXPECT_EQ(text(json::object()).find("Refiner"), std::string::npos) << "the web UI has none unless it is named";
    testing::expect_says(text({{"steps", 4}, {"refiner_checkpoint", "tiny"}, {"refiner_switch_at", 0.5}}),
                         {"Refiner: tiny, Refiner switch at: 0.5"});
    const auto failed = server.client().Post(
        "/sdapi/v1/txt2img", small_request({{"refiner_checkpoint", "someone/broken"}}).dump(), "application/json");
    EXPECT_GE(failed->status, 400);
    EXPECT_EQ(failed->body.find(folder.path().string()), std::string::npos) << failed->body;
    testing::expect_says(text({{"steps", 4}, {"refiner_checkpoint", "diffusers"}}),
                         {"Refiner: diffusers, Refiner switch at: 0.8"});
}

TEST(Serving, ShowsWhatATinyAutoencoderDecodesBeforeThePictureIsDone) {
    const RunningServer server([](server::ServerOptions& options) {
        options.engine.preview_taesd = std::filesystem::absolute("golden/families/taesd/taesd_decoder.safetensors");
    });
    const json job = server.post("/easel/v1/jobs", small_request(), 202);
    std::string events;
    server.client().Get(("/easel/v1/jobs/" + job["id"].get<std::string>() + "/events").c_str(),
                        [&](const char* data, std::size_t size) {
                            events.append(data, size);
                            return true;
                        });
    const std::string begin = "\"preview\":\"data:image/png;base64,";
    const std::size_t at = events.find(begin);
    ASSERT_NE(at, std::string::npos);
    const std::size_t first = at + begin.size();
    const Picture preview = picture_in(events.substr(first, events.find('"', first) - first));
    const int width = small_request()["width"], height = small_request()["height"];
    EXPECT_EQ(preview.width, width);
    EXPECT_EQ(preview.height, height);
}

}  // namespace
}  // namespace easel
