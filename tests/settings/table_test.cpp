#include "settings/table.h"

#include <set>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "settings/model_defaults.h"

namespace easel {
namespace {

Request with(std::string_view field, std::string_view text) {
    Request request;
    set_from_text(request, setting(field), text);
    return request;
}

Request with_json(std::string_view field, const nlohmann::json& value) {
    Request request;
    set(request, setting(field), value_from_json(setting(field), value));
    return request;
}

/// The sentence with which a text is refused; empty when it is taken.
std::string refusal(std::string_view field, std::string_view text) {
    try {
        with(field, text);
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::bad_request);
        EXPECT_EQ(error.field(), field);
        return error.what();
    }
    return "";
}

TEST(SettingsTable, NumbersAreDecimalWhateverTheyBeginWith) {
    EXPECT_EQ(with("seed", "0042").seed, 42u);
    EXPECT_EQ(with("seed", "08").seed, 8u);
    EXPECT_EQ(with("num_inference_steps", "010").num_inference_steps, 10);
    EXPECT_EQ(with("guidance_scale", "007.50").guidance_scale, 7.5);
    for (const char* text : {"0x10", "0b1", "0o7", "1e1", "4 2", " 42", "42 ", "4'2", "--4", "+-4", ""})
        EXPECT_NE(refusal("num_inference_steps", text), "") << text;
}

TEST(SettingsTable, SeedsHave64BitsAndMinusOneIsARandomOne) {
    EXPECT_EQ(with("seed", "18446744073709551615").seed, 18446744073709551615u);
    EXPECT_EQ(with("seed", "-1").seed, std::nullopt);
    EXPECT_EQ(
        refusal("seed", "18446744073709551616"),
        "`seed` 18446744073709551616: give a whole number from 0 to 18446744073709551615, or -1 for a random one");
    EXPECT_NE(refusal("seed", "-2"), "");
}

TEST(SettingsTable, WhatLiesBeyondTheLimitsIsRefusedNamingThem) {
    EXPECT_EQ(refusal("num_inference_steps", "1001"), "`num_inference_steps` 1001: give a whole number from 1 to 1000");
    EXPECT_EQ(refusal("width", "4097"), "`width` 4097: give a whole number from 1 to 4096");
    EXPECT_EQ(refusal("strength", "nan"), "`strength` nan: give a number from 0 to 1");
    EXPECT_EQ(refusal("rng", "dice"), "`rng` dice: use one of torch, numpy");
    EXPECT_EQ(refusal("width", ""), "`width`: has no value; give a whole number from 1 to 4096");
}

TEST(SettingsTable, NamesAreTakenInAnyCase) {
    EXPECT_EQ(with("sampler", "Euler").sampler, "euler");
    EXPECT_EQ(with("schedule", "Karras").schedule, "karras");
    EXPECT_EQ(with("rng", "NumPy").rng, Rng::numpy);
}

TEST(SettingsTable, LorasAreLinesOrAList) {
    EXPECT_EQ(with("loras", "a.safetensors:0.5:1").loras, (std::vector<Lora>{{"a.safetensors", 0.5, 1.0}}));
    EXPECT_EQ(with_json("loras", {"a", "b:+2"}).loras, (std::vector<Lora>{{"a"}, {"b", 2.0}}));
    EXPECT_EQ(with_json("loras", nlohmann::json::array()).loras, std::vector<Lora>());
    EXPECT_EQ(with("loras", "C:weights:x").loras, std::vector<Lora>{{"C:weights:x"}}) << "no number, no weight";
    for (const char* text : {"", ":0.5", "a:nan", "a:inf", "a:101", "a:1:-101", "a\n\nb"})
        EXPECT_THROW(with("loras", text), Error) << text;
    EXPECT_THROW(with_json("loras", {1, 2}), Error);
    EXPECT_THROW(with_json("loras", true), Error);
}

TEST(SettingsTable, EmbeddingsAreLinesOrAList) {
    EXPECT_EQ(with("embeddings", "a.pt:cat").embeddings, (std::vector<Embedding>{{"a.pt", "cat"}}));
    EXPECT_EQ(with("embeddings", "a:b/c.pt").embeddings, (std::vector<Embedding>{{"a:b/c.pt", ""}}));
    EXPECT_EQ(with_json("embeddings", {"a", "b:x"}).embeddings, (std::vector<Embedding>{{"a"}, {"b", "x"}}));
    for (const char* text : {"", ":cat", "a\n\nb", "a:\xff"}) EXPECT_THROW(with("embeddings", text), Error) << text;
}

TEST(SettingsTable, AFlagThatSaysNoTurnsItsSettingOff) {
    EXPECT_FALSE(with("composite", "true").composite);
    EXPECT_TRUE(with("composite", "false").composite);
    EXPECT_FALSE(with_json("composite", false).composite) << "JSON has the field itself";
}

TEST(SettingsTable, JsonMayHaveNullATextForANumberAndAWholeFloat) {
    EXPECT_EQ(with_json("num_inference_steps", nullptr).num_inference_steps, std::nullopt);
    EXPECT_EQ(with_json("num_inference_steps", "20").num_inference_steps, 20);
    EXPECT_EQ(with_json("num_inference_steps", 20.0).num_inference_steps, 20);
    EXPECT_EQ(with_json("guidance_scale", "7.0").guidance_scale, 7.0);
    EXPECT_EQ(with_json("guidance_scale", 7).guidance_scale, 7.0);
    EXPECT_EQ(with_json("seed", "").seed, std::nullopt);
    EXPECT_EQ(with_json("seed", -1).seed, std::nullopt);
    EXPECT_EQ(with_json("seed", 18446744073709551615u).seed, 18446744073709551615u);
}

TEST(SettingsTable, JsonOfAnotherTypeIsRefused) {
    for (const auto& [field, value] :
         std::initializer_list<std::pair<const char*, nlohmann::json>>{{"num_inference_steps", 20.5},
                                                                       {"num_inference_steps", true},
                                                                       {"num_inference_steps", {1, 2}},
                                                                       {"num_inference_steps", 1e300},
                                                                       {"guidance_scale", nlohmann::json::object()},
                                                                       {"prompt", 3},
                                                                       {"composite", "true"},
                                                                       {"seed", 1.5}})
        EXPECT_THROW(with_json(field, value), Error) << field << " " << value;
}

TEST(SettingsTable, EveryValueComesBackFromItsTextAndItsJson) {
    Request request{.prompt = "a fox",
                    .negative_prompt = "blurry",
                    .prompt_2 = "a red fox",
                    .negative_prompt_2 = "blue",
                    .empty_negative = "encoded",
                    .prompt_syntax = PromptSyntax::plain,
                    .emphasis = Emphasis::no_norm,
                    .negative_padding = NegativePadding::empty_chunks,
                    .step_rule = StepRule::plain,
                    .width = 64,
                    .height = 72,
                    .num_inference_steps = 3,
                    .guidance_scale = 3.3,
                    .image_guidance_scale = 1.25,
                    .seed = 6687881544318117707u,
                    .rng = Rng::numpy,
                    .sampler = "ddim",
                    .schedule = "discrete",
                    .scheduler_config = "x.json",
                    .beta_start = 0.001,
                    .beta_end = 0.011,
                    .beta_schedule = "linear",
                    .prediction_type = "v_prediction",
                    .original_inference_steps = 20,
                    .guidance_start = 0.25,
                    .guidance_end = 0.75,
                    .guidance_rescale = 0.7,
                    .step_cache = 0.1,
                    .preset = Preset::fast,
                    .eta = 0.5,
                    .original_size = "1024x768",
                    .crop = "0,16",
                    .target_size = "512x512",
                    .negative_original_size = "64x64",
                    .negative_crop = "8,0",
                    .negative_target_size = "128x64",
                    .aesthetic_score = 7.5,
                    .negative_aesthetic_score = 1.25,
                    .denoising_end = 0.75,
                    .refiner_at = 0.6,
                    .clip_skip = 2,
                    .loras = {{"a.safetensors"}, {"b:2.safetensors", -0.5}, {"c.safetensors", 1.0, 0.25}},
                    .embeddings = {{"a.safetensors"}, {"b:2.pt", ""}, {"c:3.pt", "cat"}},
                    .controls = {{.model = "a", .file = "b.png"},
                                 {.model = "a:\\b", .file = "inpaint", .scale = 0.5},
                                 {.model = "a", .file = "c:d.png", .start = 0.25, .end = 0.75}},
                    .control_mode = ControlMode::control,
                    .guess_mode = true,
                    .ip_adapters = {{"a.safetensors", "b:c.safetensors"}, {"a", "b", -0.5}},
                    .freeu = FreeU{1.5, 1.6, 0.9, 0.2},
                    .hires = "1.5",
                    .hires_upscaler = "lanczos",
                    .hires_steps = 12,
                    .hires_strength = 0.4,
                    .hires_step_count = HiresStepCount::diffusers,
                    .strength = 0.6,
                    .mask_blur = 2.5,
                    .masked_content = MaskedContent::latent_noise,
                    .composite = false};
    for (const auto& row : settings_table()) {
        SCOPED_TRACE(row.field);
        const Value value = get(request, row);
        EXPECT_FALSE(value == get(Request(), row)) << "the test shows nothing";
        Request from_text, from_json;
        set_from_text(from_text, row, text_of(row, value).value());
        set(from_json, row, value_from_json(row, json_of(row, value)));
        EXPECT_EQ(get(from_text, row), value);
        EXPECT_EQ(get(from_json, row), value);
    }
}

TEST(SettingsTable, LimitsThatAreNotAllowedThemselvesAreSaidToBeSo) {
    EXPECT_EQ(with("denoising_end", "0.001").denoising_end, 0.001);
    EXPECT_EQ(with("refiner_at", "1").refiner_at, 1.0);
    for (const std::string wrong : {"0", "1", "-0", "nan", "inf", "1.5"})
        EXPECT_EQ(refusal("denoising_end", wrong), "`denoising_end` " + wrong + ": give a number above 0 and below 1");
    EXPECT_EQ(refusal("refiner_at", "0"), "`refiner_at` 0: give a number above 0 and up to 1");
}

TEST(SettingsTable, ControlsAreLinesOrAList) {
    EXPECT_EQ(with("controls", "net:a.png:0.5:0.1:+0.9").controls,
              (std::vector<Control>{{.model = "net", .file = "a.png", .scale = 0.5, .start = 0.1, .end = 0.9}}));
    EXPECT_EQ(with("controls", "C\\:\\net:5").controls, (std::vector<Control>{{.model = "C:\\net", .file = "5"}}));
    EXPECT_EQ(with_json("controls", {"a:b", "c:inpaint"}).controls,
              (std::vector<Control>{{.model = "a", .file = "b"}, {.model = "c", .file = "inpaint"}}));
    for (const char* text : {"", "net", ":a.png", "net:a.png:nan", "net:a.png:inf", "net:a.png:-0.1", "net:a.png:101",
                             "net:a.png:1:0.5:0.5", "net:a.png:1:-0.1:1", "net:a.png:1:0:1.1", "net:a.png:1:0:1:0",
                             "net:a.png:x", "a:b\n\nc:d"})
        EXPECT_THROW(with("controls", text), Error) << text;
}

TEST(ControlLists, AreStoredWithoutAbsoluteFolders) {
    const auto stored = as_stored(
        {{.model = "/models/nets/edges/", .file = "/home/me/a.png"}, {.model = "nets/edges", .file = "inpaint"}});
    EXPECT_EQ(text_of(stored), "edges:a.png\nnets/edges:inpaint");
}

TEST(SettingsTable, NoTwoSettingsShareAName) {
    std::set<std::string_view> names;
    for (const auto& row : settings_table()) {
        EXPECT_TRUE(names.insert(row.field).second) << row.field;
        EXPECT_EQ(find_flag(settings_table(), key_of(row)), &row);
    }
    EXPECT_EQ(find_flag(settings_table(), "steps"), &setting("num_inference_steps"));
    EXPECT_EQ(find_flag(settings_table(), "-W"), &setting("width"));
    EXPECT_EQ(find_flag(settings_table(), "W"), nullptr);
}

TEST(ModelDefaults, ErrorsNameTheFileAndTheKey) {
    std::vector<std::string> notes;
    EXPECT_EQ(parse_model_defaults(R"({"steps": 12, "guidance": 2})", "easel.json", notes).guidance_scale, 2.0);
    for (const auto& [text, sentence] : std::initializer_list<std::pair<const char*, const char*>>{
             {R"({"steps": 0})", "easel.json: \"steps\" 0: give a whole number from 1 to 1000"},
             {R"({"steps": "many"})", "easel.json: \"steps\" many: give a whole number from 1 to 1000"}}) {
        try {
            parse_model_defaults(text, "easel.json", notes);
            ADD_FAILURE() << text;
        } catch (const Error& error) {
            EXPECT_STREQ(error.what(), sentence);
            EXPECT_EQ(error.kind(), ErrorKind::damaged);
        }
    }
}

}  // namespace
}  // namespace easel
