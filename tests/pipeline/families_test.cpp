// Small models of the other families: whole pictures against diffusers', and what is told without being asked.
#include "support/families.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <easel/easel.h>

#include "pictures/read.h"
#include "pipeline/cases.h"
#include "pipeline/family_cases.h"
#include "settings/stored_settings.h"
#include "support/files.h"

namespace easel {
namespace {

namespace fs = std::filesystem;

using testing::EditableTensors;
using testing::expect_says;
using testing::expected_of;
using testing::families;
using testing::family_cases;
using testing::model_of;
using testing::psnr;
using testing::request_of_case;
using testing::sentence_of;
using testing::TemporaryFolder;
using testing::whole_model;

const std::string sd2 = "sd2_v.safetensors";
const std::string tiny_vae = families + "taesd/taesd_decoder.safetensors";

/// Draws all cases of a family; gives how many pictures were compared.
int expect_family_agrees(const std::string& family) {
    const TemporaryFolder folder;
    std::map<std::string, std::unique_ptr<Engine>> engines;
    int compared = 0;
    for (const nlohmann::json& fields : family_cases(family)) {
        const std::string name = model_of(fields);
        std::unique_ptr<Engine>& engine = engines[name];
        if (!engine)
            engine = std::make_unique<Engine>(EngineOptions{.model = whole_model(name, folder),
                                                            .precision = "f32",
                                                            .taesd = fields.at("vae") == "taesd" ? tiny_vae : ""});
        Request request = request_of_case(fields);
        for (const std::string& picture : expected_of(fields)) {
            EXPECT_GE(psnr(engine->generate(request).picture, read_picture(families + picture)), 45.0) << picture;
            ++*request.seed;
            ++compared;
        }
    }
    return compared;
}

TEST(Families, AreDrawnAsDiffusersDrawsThem) {
    EXPECT_EQ(expect_family_agrees("sd2_v"), 6);
    EXPECT_EQ(expect_family_agrees("inpaint9"), 3);
    EXPECT_EQ(expect_family_agrees("lcm"), 3);
    EXPECT_EQ(expect_family_agrees("taesd"), 3);
    EXPECT_EQ(expect_family_agrees("pix2pix"), 4);
    EXPECT_EQ(expect_family_agrees("sdxl"), 11);
}

/// A model of Stable Diffusion 2.x in a single file without the file that says what it predicts.
class StableDiffusion2 : public ::testing::Test {
  protected:
    StableDiffusion2() { fs::remove(folder_ / "sd2_v.yaml"); }
    /// The file under another name.
    fs::path named(const std::string& name) const {
        fs::rename(path_, folder_ / name);
        return folder_ / name;
    }

    TemporaryFolder folder_;
    const fs::path path_ = whole_model(sd2, folder_);
};

Request family_request() {
    return {.prompt = "a red fox!", .width = 64, .height = 64, .num_inference_steps = 2, .seed = 7};
}

TEST_F(StableDiffusion2, IsToldByItsWeightsWhatItPredicts) {
    const ModelInfo velocity = Engine({.model = path_}).info();
    EXPECT_EQ(velocity.family, "Stable Diffusion 2.x");
    EXPECT_EQ(velocity.prediction_type, "v_prediction");
    EXPECT_EQ(velocity.native_width, 768);
    EditableTensors tensors(path_);
    const std::string bias = "model.diffusion_model.output_blocks.11.1.transformer_blocks.0.norm1.bias";
    const auto shape = tensors[bias].shape;
    tensors.remove(bias);
    tensors.add(bias, shape);
    tensors.write(folder_ / "noise.safetensors");
    const ModelInfo noise = Engine({.model = folder_ / "noise.safetensors"}).info();
    EXPECT_EQ(noise.prediction_type, "epsilon");
    EXPECT_EQ(noise.native_width, 512);
}

TEST_F(StableDiffusion2, IsTheSameAsAFolderAndWrittenAgain) {
    const Checkpoint read = Checkpoint::open(path_);
    write_diffusers_networks(read, folder_ / "folder");
    const Network<TextEncoderConfig> text = open_text_encoder(folder_ / "folder");
    EXPECT_EQ(text.config.num_hidden_layers, read.text_encoder.config.num_hidden_layers);
    write_single_file(read, folder_ / "again.safetensors", OutputFile::IfExists::refuse);
    EditableTensors first(path_), again(folder_ / "again.safetensors");
    for (const std::string name : {"transformer.resblocks.0.attn.in_proj_weight", "positional_embedding",
                                   "transformer.resblocks.22.mlp.c_fc.bias", "ln_final.weight", "text_projection"}) {
        const std::string whole = "cond_stage_model.model." + name;
        EXPECT_TRUE(std::ranges::equal(first[whole].bytes, again[whole].bytes)) << name;
        EXPECT_EQ(first[whole].shape, again[whole].shape) << name;
    }
    EXPECT_EQ(Engine({.model = path_}).generate(family_request()).picture.pixels,
              Engine({.model = folder_ / "again.safetensors"}).generate(family_request()).picture.pixels);
}

TEST_F(StableDiffusion2, WithAStackThatCannotBeDividedIsDamaged) {
    EditableTensors tensors(path_);
    const std::string name = "cond_stage_model.model.transformer.resblocks.3.attn.in_proj_bias";
    tensors.remove(name);
    tensors.add(name, {25});
    tensors.write(folder_ / "broken.safetensors");
    expect_says(sentence_of([&] { Engine({.model = folder_ / "broken.safetensors"}); }), {name, "[25]", "three"});
}

TEST_F(StableDiffusion2, OfTurboDrawsInOneStepWithoutGuidanceUnlessAsked) {
    Engine engine({.model = named("sd_turbo-fp16.safetensors")});
    const ModelInfo info = engine.info();
    EXPECT_EQ(info.num_inference_steps, 1);
    EXPECT_EQ(info.guidance_scale, 1.0);
    EXPECT_EQ(info.sampler, "euler");
    std::vector<std::string> notes;
    Request request = family_request();
    request.num_inference_steps.reset();
    const Result drawn = engine.generate(request, {.note = [&](const std::string& note) { notes.push_back(note); }});
    EXPECT_EQ(drawn.steps, 1);
    expect_says(drawn.parameters, {"Timestep spacing: trailing", "CFG scale: 1"});
    ASSERT_FALSE(notes.empty());
    expect_says(notes.front(), {"sd_turbo-fp16 is a Turbo model", "in 1 step without guidance"});
    request.num_inference_steps = 3;
    request.guidance_scale = 2.0;
    expect_says(engine.generate(request).parameters, {"Steps: 3", "CFG scale: 2"});
}

TEST_F(StableDiffusion2, OfTurboTakesAtLeastOneStepFromAPicture) {
    Engine engine({.model = named("my turbo.safetensors")});
    Request request = family_request();
    request.num_inference_steps.reset();
    request.init_image = read_picture(families + "inputs/init_64x64.png");
    for (const double strength : {0.1, 0.3, 0.75}) {
        request.strength = strength;
        EXPECT_EQ(engine.generate(request).steps, 1) << strength;
    }
}

/// The model of Stable Diffusion XL in a single file.
class StableDiffusionXl : public ::testing::Test {
  protected:
    TemporaryFolder folder_;
    const fs::path path_ = whole_model("sdxl.safetensors", folder_);
    Engine engine_ = Engine({.model = path_});
};

TEST_F(StableDiffusionXl, IsToldByItsTensors) {
    const ModelInfo info = engine_.info();
    EXPECT_EQ(info.family, "Stable Diffusion XL");
    EXPECT_EQ(info.native_width, 1024);
    EXPECT_EQ(info.prediction_type, "epsilon");
}

TEST_F(StableDiffusionXl, StoresWhatItWasToldSoThatItIsDrawnAgain) {
    Request request = family_request();
    request.prompt_2 = "oil painting, \"dark\"";
    request.crop = "8,16";
    request.empty_negative = "encoded";
    const Result drawn = engine_.generate(request);
    const StoredSettings stored = parse_parameters(drawn.parameters, "here");
    EXPECT_EQ(stored.request.prompt_2, request.prompt_2);
    EXPECT_EQ(stored.request.crop, request.crop);
    EXPECT_EQ(stored.request.empty_negative, request.empty_negative);
    EXPECT_EQ(engine_.generate(stored.request).picture.pixels, drawn.picture.pixels);
    request.empty_negative.reset();
    EXPECT_NE(engine_.generate(request).picture.pixels, drawn.picture.pixels);
}

TEST_F(StableDiffusionXl, TakesPromptsOfAnyLengthAndWeights) {
    Request request = family_request();
    const auto one = engine_.generate(request).picture.pixels;
    request.prompt_2 = "oil painting of a fox";
    for (int i = 0; i < 100; ++i) request.prompt_2 += " snow";
    const auto longer = engine_.generate(request).picture.pixels;
    EXPECT_NE(longer, one);
    request.prompt_2 = "oil (painting:1.5)";
    EXPECT_NE(engine_.generate(request).picture.pixels, longer);
}

TEST(LooseVaes, OfEveryNamingDrawTheSamePicture) {
    const TemporaryFolder folder;
    const fs::path model = whole_model(sd2, folder);
    const auto own = Engine({.model = model, .precision = "f32"}).generate(family_request()).picture.pixels;
    EditableTensors bare(model);
    bare.rename_all([](const std::string& name) {
        constexpr std::string_view prefix = "first_stage_model.";
        return name.starts_with(prefix) ? name.substr(prefix.size()) : std::string();
    });
    bare.write(folder / "bare.safetensors");
    write_vae(open_vae(folder / "bare.safetensors"), folder / "diffusers");
    for (const fs::path& vae : {fs::path("bare.safetensors"), fs::path("diffusers"), fs::path(sd2)}) {
        Engine engine({.model = model, .precision = "f32", .vae = folder.path() / vae});
        const Result drawn = engine.generate(family_request());
        EXPECT_EQ(drawn.picture.pixels, own) << vae;
        expect_says(drawn.parameters, {"VAE: " + vae.stem().string()});
    }
    // Another one draws another picture from the same latents.
    bare.remove("decoder.conv_out.bias");
    bare.add("decoder.conv_out.bias", {3});
    bare.write(folder / "other.safetensors");
    EXPECT_NE(Engine({.model = model, .vae = folder / "other.safetensors"}).generate(family_request()).picture.pixels,
              own);
}

TEST(LooseVaes, ThatDoNotBelongToTheModelAreNamed) {
    const TemporaryFolder folder;
    const fs::path model = whole_model(sd2, folder);
    const auto refusal = [&](const fs::path& vae, const fs::path& taesd = {}) {
        return sentence_of([&] { Engine({.model = model, .vae = vae, .taesd = taesd}); });
    };
    expect_says(refusal("no such file"), {"`vae` no such file", "no such file or folder"});
    expect_says(refusal({}, "no such file"), {"`taesd` no such file", "no such file or folder"});
    expect_says(refusal(tiny_vae), {"a tiny VAE (TAESD)", "a VAE is expected"});
    expect_says(refusal({}, model), {"a Stable Diffusion 2.x model", "a tiny VAE (TAESD) is expected"});
    expect_says(refusal({}, families + "taesd/taesd_encoder.safetensors"), {"encoder", "give its decoder"});
    // Of Stable Diffusion XL.
    whole_model("lcm", folder);
    auto config = nlohmann::json::parse(testing::read_file(folder / "lcm/vae/config.json"));
    config["scaling_factor"] = 0.13025;
    testing::write_file(folder / "lcm/vae/config.json", config.dump());
    expect_says(refusal(folder / "lcm/vae"), {"0.13025", "Stable Diffusion XL", "0.18215", "do not belong together"});
}

TEST(TinyVaes, WithoutAnEncoderLeaveTheModelsOwn) {
    const TemporaryFolder folder;
    const fs::path model = whole_model(sd2, folder);
    fs::copy_file(tiny_vae, folder / "taesd_decoder.safetensors");
    const Engine engine({.model = model, .taesd = folder / "taesd_decoder.safetensors"});
    const std::vector<std::string> notes = engine.info().notes;
    EXPECT_TRUE(std::ranges::any_of(
        notes, [](const std::string& note) { return note.find("the model's own VAE") != std::string::npos; }));
    EXPECT_EQ(engine.info().vae, "taesd_decoder");
}

TEST(LatentConsistencyModels, TakeTheirFewStepsAndTheGuidanceInOnePass) {
    const TemporaryFolder folder;
    Engine engine({.model = whole_model("lcm", folder)});
    const ModelInfo info = engine.info();
    EXPECT_EQ(info.num_inference_steps, 4);
    EXPECT_EQ(info.guidance_scale, 8.5);
    EXPECT_EQ(info.sampler, "lcm");
    std::vector<std::string> notes;
    Request request = family_request();
    request.negative_prompt = "blue";
    const Result drawn = engine.generate(request, {.note = [&](const std::string& note) { notes.push_back(note); }});
    EXPECT_TRUE(std::ranges::any_of(
        notes, [](const std::string& note) { return note.find("takes the guidance itself") != std::string::npos; }));
    request.guidance_scale = 2.0;
    EXPECT_NE(engine.generate(request).picture.pixels, drawn.picture.pixels);
}

/// A model that changes pictures as the prompt says.
class InstructPix2Pix : public ::testing::Test {
  protected:
    Request snow() const {
        Request request = family_request();
        request.prompt = "make it snow";
        request.init_image = read_picture(families + "inputs/init_64x64.png");
        return request;
    }
    std::string refusal(const Request& request) {
        return sentence_of([&] { engine_.parameters(request); });
    }

    TemporaryFolder folder_;
    const fs::path path_ = whole_model("pix2pix", folder_);
    Engine engine_ = Engine({.model = path_});
};

TEST_F(InstructPix2Pix, NeedsAPictureAndTakesNoMask) {
    Request request = snow();
    request.mask = Mask{.width = 64, .height = 64, .pixels = std::vector<std::uint8_t>(64 * 64, 255)};
    expect_says(refusal(request), {"`mask`", "InstructPix2Pix", "the whole picture"});
    request.mask.reset();
    request.controls = {{.model = "edges", .picture = request.init_image}};
    expect_says(refusal(request), {"`controls`", "InstructPix2Pix"});
    expect_says(refusal(family_request()), {"`init_image`", "InstructPix2Pix", "give the one to change"});
    request = snow();
    request.image_guidance_scale = -1.0;
    expect_says(refusal(request), {"`image_guidance_scale`", "-1"});
}

TEST_F(InstructPix2Pix, StoresItsGuidanceAndNoStrength) {
    Request request = snow();
    request.strength = 0.5;
    std::vector<std::string> notes;
    const Result drawn = engine_.generate(request, {.note = [&](const std::string& note) { notes.push_back(note); }});
    EXPECT_EQ(drawn.steps, 2);
    expect_says(drawn.parameters, {"Image CFG scale: 1.5"});
    EXPECT_EQ(drawn.parameters.find("Denoising strength"), std::string::npos) << drawn.parameters;
    EXPECT_TRUE(std::ranges::any_of(
        notes, [](const std::string& note) { return note.find("`strength` has no effect") != std::string::npos; }));
    const StoredSettings stored = parse_parameters(drawn.parameters, "here");
    EXPECT_EQ(stored.request.image_guidance_scale, 1.5);
    request.strength.reset();
    request.image_guidance_scale = 3.0;
    EXPECT_NE(engine_.generate(request).picture.pixels, drawn.picture.pixels);
}

TEST_F(InstructPix2Pix, DrawsTheSameFromAFolderAndFromAFile) {
    const Checkpoint read = Checkpoint::open(path_);
    write_single_file(read, folder_ / "again.safetensors", OutputFile::IfExists::refuse);
    Request request = snow();
    request.scheduler_config = families + "schedulers/sd15_euler.json";
    EXPECT_EQ(Engine({.model = folder_ / "again.safetensors"}).generate(request).picture.pixels,
              engine_.generate(request).picture.pixels);
    expect_says(model_index_text(read), {"StableDiffusionInstructPix2PixPipeline"});
}

TEST_F(InstructPix2Pix, TakesPromptsOfSeveralPartsAndLengths) {
    Request request = snow();
    const auto one = engine_.generate(request).picture.pixels;
    request.prompt = "make it snow AND fog";
    EXPECT_NE(engine_.generate(request).picture.pixels, one);
    request.prompt = "make it snow";
    for (int i = 0; i < 100; ++i) request.prompt += " fog";
    EXPECT_NE(engine_.generate(request).picture.pixels, one);
}

TEST(InpaintingModels, DrawWithoutAMaskToo) {
    const TemporaryFolder folder;
    Engine engine({.model = whole_model("sd15_inpaint", folder)});
    const auto drawn = engine.generate(family_request()).picture.pixels;
    EXPECT_EQ(engine.generate(family_request()).picture.pixels, drawn);
    Request request = family_request();
    request.init_image = read_picture(families + "inputs/init_64x64.png");
    EXPECT_NE(engine.generate(request).picture.pixels, drawn);
}

}  // namespace
}  // namespace easel
