#include "convert/convert.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "pipeline/cases.h"
#include "pipeline/family_cases.h"
#include "support/families.h"
#include "support/files.h"
#include "text/standard_files.h"
#include "text/tokenizer.h"
#include "weights/checkpoint.h"
#include "weights/crafted.h"
#include "weights/floats.h"

namespace easel {
namespace {

namespace fs = std::filesystem;
using testing::golden;
using testing::TemporaryFolder;

const fs::path folder = golden + "tiny/diffusers";
const fs::path single_file = golden + "tiny/single/tiny.safetensors";
const fs::path openvino_tokenizer = "../models/openvino_tokenizer";

/// Runs the conversion and returns its notes.
std::vector<std::string> run(Conversion conversion, std::stop_token stop = {}) {
    conversion.openvino_tokenizer = openvino_tokenizer;
    std::vector<std::string> notes;
    convert(
        conversion, [&](const std::string& sentence) { notes.push_back(sentence); }, std::move(stop));
    return notes;
}

std::string refusal(const Conversion& conversion) {
    return testing::sentence_of([&] { run(conversion); });
}

Picture draw(const fs::path& model, std::vector<Lora> loras = {}, const fs::path& scheduler_config = {}) {
    Engine engine({.model = model, .precision = "f32"});
    return engine
        .generate({.prompt = "a castle by a lake, detailed",
                   .negative_prompt = "blurry",
                   .width = 64,
                   .height = 64,
                   .num_inference_steps = 5,
                   .guidance_scale = 7.5,
                   .seed = 3,
                   .sampler = scheduler_config.empty() ? std::optional<std::string>("ddim") : std::nullopt,
                   .scheduler_config = scheduler_config,
                   .loras = std::move(loras)})
        .picture;
}

TEST(Convert, EveryFormatDrawsTheSamePicture) {
    const TemporaryFolder place;
    const Picture expected = draw(folder);
    for (const char* form : {"ir", "ir-2022", "diffusers", "safetensors"})
        for (const char* precision : {"", "f16"}) {
            const fs::path to = place.path() / (std::string("model.") + form);
            run({.from = folder,
                 .to = to,
                 .form = model_form_by_name(form),
                 .precision = precision,
                 .if_exists = OutputFile::IfExists::replace});
            // All weights of the tiny model are f16 numbers.
            EXPECT_GE(testing::psnr(draw(to), expected), 60.0) << form << " " << precision;
        }
    EXPECT_EQ(place.entries(), 4);
}

TEST(Convert, MergedLorasDrawAsLorasBesideTheModelDo) {
    const TemporaryFolder place;
    const std::vector<Lora> loras = {{golden + "adapters/loras/kohya.safetensors", 0.5, {}},
                                     {golden + "adapters/loras/dora.safetensors", 0.75, 0.25}};
    const Picture expected = draw(folder, loras);
    EXPECT_NE(expected.pixels, draw(folder).pixels);
    for (const char* form : {"ir", "diffusers", "safetensors"}) {
        const fs::path to = place.path() / (std::string("model.") + form);
        const auto notes = run({.from = folder, .to = to, .loras = loras, .form = model_form_by_name(form)});
        EXPECT_EQ(draw(to).pixels, expected.pixels) << form;
        EXPECT_NE(notes.front().find("kohya.safetensors: applied "), std::string::npos) << notes.front();
    }
    const fs::path to = place.path() / "none";
    EXPECT_NE(refusal({.from = folder,
                       .to = to,
                       .loras = {{golden + "adapters/loras/refuse_sdxl.safetensors", 1.0, {}}},
                       .form = ModelForm::diffusers}),
              "");
    EXPECT_FALSE(fs::exists(to));
}

/// Draws the cases of a family with its model as OpenVINO IR; gives how many pictures were compared with diffusers'.
int expect_agrees_as_ir(const std::string& family) {
    const TemporaryFolder place;
    int compared = 0;
    std::optional<Engine> engine;
    for (const nlohmann::json& fields : testing::family_cases(family)) {
        // Of Stable Diffusion 2.x and 1.x an IR has the last layer alone; its refiner's beginning needs latents.
        const bool is_other_layer = family == "sd2_v" && fields.at("clip_skip") > 0;
        if (is_other_layer || fields.contains("denoising_start")) continue;
        if (!engine) {
            run({.from = testing::whole_model(testing::model_of(fields), place),
                 .to = place / "ir",
                 .form = ModelForm::ir});
            engine.emplace(EngineOptions{.model = place / "ir", .precision = "f32"});
        }
        Request request = testing::request_of_case(fields);
        for (const std::string& picture : testing::expected_of(fields)) {
            // Whole timesteps are all that such a UNet takes.
            const std::string schedule = fields.at("scheduler_config");
            const bool is_rough =
                schedule.find("sd2v_euler") != schedule.npos || schedule.find("sd15_euler") != schedule.npos;
            const Picture expected = read_picture(testing::families + picture);
            EXPECT_GE(testing::psnr(engine->generate(request).picture, expected), is_rough ? 25.0 : 45.0) << picture;
            ++*request.seed;
            ++compared;
        }
    }
    return compared;
}

TEST(Convert, EveryFamilyIsDrawnAsIrAsDiffusersDrawsIt) {
    EXPECT_EQ(expect_agrees_as_ir("sd2_v"), 5);
    EXPECT_EQ(expect_agrees_as_ir("inpaint9"), 3);
    EXPECT_EQ(expect_agrees_as_ir("lcm"), 3);
    EXPECT_EQ(expect_agrees_as_ir("pix2pix"), 4);
    EXPECT_EQ(expect_agrees_as_ir("sdxl"), 11);
    EXPECT_EQ(expect_agrees_as_ir("sdxl_refiner"), 2);
}

TEST(Convert, AnIrWhoseTextEncodersLackAnOutputIsRefusedByIt) {
    const TemporaryFolder place;
    run({.from = testing::whole_model("sdxl.safetensors", place), .to = place / "ir", .form = ModelForm::ir});
    for (const char* file : {"openvino_model.xml", "openvino_model.bin"})
        fs::copy_file(place / "ir" / "text_encoder" / file, place / "ir" / "text_encoder_2" / file,
                      fs::copy_options::overwrite_existing);
    Engine engine({.model = place / "ir", .precision = "f32"});
    testing::expect_says(
        testing::sentence_of([&] { engine.generate({.prompt = "a", .width = 64, .height = 64}); }),
        {"text_encoder/openvino_model.xml: the text encoders' states are [1,77,12], but the UNet takes [1,77,14]"});
    fs::remove_all(place / "ir" / "text_encoder_2");
    testing::expect_says(testing::sentence_of([&] { Engine({.model = place / "ir", .precision = "f32"}); }),
                         {"text_encoder_2"});
}

TEST(Convert, AUNetThatTakesMoreThanLatentsTimeAndTextIsNotWrittenAsThatOf2022) {
    const TemporaryFolder place;
    for (const char* model : {"sd15_inpaint", "lcm", "sdxl.safetensors"}) {
        testing::expect_says(
            refusal({.from = testing::whole_model(model, place), .to = place / "ir", .form = ModelForm::ir_2022}),
            {"takes more than latents", "ir, diffusers and safetensors"});
        EXPECT_FALSE(fs::exists(place / "ir"));
    }
}

TEST(Convert, TokenizersForOpenVinoPadAsTheirTextEncodersWereTrained) {
    const TemporaryFolder place;
    const auto padding_in = [&](const char* tokenizer) {
        const std::string xml = testing::read_file(place / "ir" / tokenizer / "openvino_tokenizer.xml");
        const std::string begin = "<pad_token_id value=\"";
        const std::size_t at = xml.find(begin) + begin.size();
        return xml.substr(at, xml.find('"', at) - at);
    };
    run({.from = testing::whole_model("sdxl.safetensors", place), .to = place / "ir", .form = ModelForm::ir});
    EXPECT_EQ(padding_in("tokenizer"), "49407");
    EXPECT_EQ(padding_in("tokenizer_2"), "0");
}

/// A LoRA that changes one layer of the second text encoder of the small Stable Diffusion XL.
fs::path lora_of_second_text_encoder(const fs::path& path) {
    testing::EditableTensors lora;
    const std::string layer = "lora_te2_text_model_encoder_layers_2_self_attn_v_proj.";
    const std::vector<float> numbers(8, 0.5f);
    static const std::vector<std::byte> bytes = bytes_of(numbers, DType::F32);
    lora.add(layer + "lora_down.weight", {1, 8}, DType::F32);
    lora.add(layer + "lora_up.weight", {8, 1}, DType::F32);
    for (const char* part : {"lora_down.weight", "lora_up.weight"}) lora[layer + part].bytes = bytes;
    lora.write(path);
    return path;
}

/// By the scheduler that the converted model names, which a single file does not.
Picture draw_xl(const fs::path& model, std::vector<Lora> loras = {}) {
    return draw(model, std::move(loras), "golden/families/schedulers/sdxl_euler.json");
}

TEST(Convert, TwoTextEncodersBecomeAFolderAndAFileAgain) {
    const TemporaryFolder place;
    const fs::path xl = testing::whole_model("sdxl.safetensors", place);
    const Picture expected = draw_xl(xl);
    run({.from = xl, .to = place / "folder", .form = ModelForm::diffusers});
    run({.from = place / "folder", .to = place / "again.safetensors", .form = ModelForm::safetensors});
    EXPECT_EQ(draw_xl(place / "folder").pixels, expected.pixels);
    EXPECT_EQ(draw_xl(place / "again.safetensors").pixels, expected.pixels);
    testing::EditableTensors before(xl), after(place / "again.safetensors");
    for (const std::string name :
         {"conditioner.embedders.0.transformer.text_model.encoder.layers.1.mlp.fc1.weight",
          "conditioner.embedders.1.model.transformer.resblocks.5.attn.in_proj_weight",
          "conditioner.embedders.1.model.text_projection", "model.diffusion_model.label_emb.0.0.weight"}) {
        EXPECT_EQ(after[name].shape, before[name].shape) << name;
        EXPECT_TRUE(std::ranges::equal(after[name].bytes, before[name].bytes)) << name;
    }
    const auto index = nlohmann::json::parse(testing::read_file(place / "folder/model_index.json"));
    EXPECT_EQ(index["_class_name"], "StableDiffusionXLPipeline");
    EXPECT_EQ(index["text_encoder_2"][1], "CLIPTextModelWithProjection");
    EXPECT_EQ(Tokenizer::open(place / "folder/tokenizer_2").encode("a fox").ids.back(), 0);
    EXPECT_EQ(Tokenizer::open(place / "folder/tokenizer").encode("a fox").ids.back(), 49407);
    run({.from = xl,
         .to = place / "folder",
         .form = ModelForm::diffusers,
         .precision = "f32",
         .if_exists = OutputFile::IfExists::replace});
    EXPECT_EQ(Checkpoint::open(place / "folder").text_encoder_2->weights.dtypes(), std::set<DType>{DType::F32});
}

TEST(Convert, LorasAreMergedIntoBothTextEncoders) {
    const TemporaryFolder place;
    const fs::path xl = testing::whole_model("sdxl.safetensors", place);
    const std::vector<Lora> loras = {{lora_of_second_text_encoder(place / "lora.safetensors")}};
    const Picture expected = draw_xl(xl, loras);
    EXPECT_NE(expected.pixels, draw_xl(xl).pixels);
    for (const char* form : {"diffusers", "safetensors"}) {
        const fs::path to = place.path() / (std::string("model.") + form);
        run({.from = xl, .to = to, .loras = loras, .form = model_form_by_name(form)});
        EXPECT_EQ(draw_xl(to).pixels, expected.pixels) << form;
    }
}

TEST(Convert, SingleFileBecomesAFolder) {
    const TemporaryFolder place;
    run({.from = single_file, .to = place / "model", .form = ModelForm::diffusers});
    EXPECT_GE(testing::psnr(draw(place / "model"), draw(folder)), 60.0);
    EXPECT_NE(testing::read_file(place / "model/scheduler/scheduler_config.json").find("PNDMScheduler"),
              std::string::npos);
}

TEST(Convert, FolderForOpenVinoHasWhatOthersLookFor) {
    const TemporaryFolder place;
    EXPECT_EQ(run({.from = folder, .to = place / "ir", .form = ModelForm::ir}), std::vector<std::string>());
    for (const char* file :
         {"model_index.json", "text_encoder/openvino_model.xml", "text_encoder/openvino_model.bin", "unet/config.json",
          "unet/openvino_model.bin", "vae_decoder/openvino_model.xml", "vae_encoder/openvino_model.xml",
          "vae_encoder/config.json", "scheduler/scheduler_config.json", "tokenizer/vocab.json", "tokenizer/merges.txt",
          "tokenizer/openvino_tokenizer.xml", "tokenizer/openvino_tokenizer.bin"})
        EXPECT_TRUE(fs::exists(place / "ir" / file)) << file;
    EXPECT_NE(testing::read_file(place / "ir/model_index.json").find("\"StableDiffusionPipeline\""), std::string::npos);
    EXPECT_TRUE(
        nlohmann::json::parse(testing::read_file(place / "ir/unet/config.json")).contains("time_cond_proj_dim"));
}

TEST(Convert, EightFilesAreThoseOf2022) {
    const TemporaryFolder place;
    run({.from = "../models/emoji", .to = place / "old", .form = ModelForm::ir_2022});
    int files = 0;
    for (const auto& entry : fs::directory_iterator(place / "old"))
        files += entry.path().extension() == ".xml" || entry.path().extension() == ".bin" ? 1 : 0;
    EXPECT_EQ(files, 8);
}

TEST(Convert, AnIrCannotBeConverted) {
    const TemporaryFolder place;
    for (const char* model : {"tiny/ir-2022", "tiny/ir-optimum"})
        for (const char* form : {"ir", "safetensors"})
            EXPECT_EQ(
                refusal({.from = golden + model, .to = place / "x", .form = model_form_by_name(form)}),
                golden + model +
                    ": is OpenVINO IR, which cannot be converted: the names of its weights and some of its biases "
                    "were lost when it was made; convert the model that it was made from");
    EXPECT_EQ(place.entries(), 0);
}

TEST(Convert, OnlyModelsAreReplacedAndOnlyOnRequest) {
    const TemporaryFolder place;
    const fs::path to = place / "model";
    run({.from = folder, .to = to, .form = ModelForm::ir_2022});
    EXPECT_EQ(refusal({.from = folder, .to = to, .form = ModelForm::ir}),
              to.string() + ": exists already; give another name, or `overwrite` to replace it");
    EXPECT_TRUE(fs::exists(to / "unet.xml"));
    run({.from = folder, .to = to, .form = ModelForm::ir, .if_exists = OutputFile::IfExists::replace});
    EXPECT_FALSE(fs::exists(to / "unet.xml"));
    EXPECT_TRUE(fs::exists(to / "unet/openvino_model.xml"));

    testing::write_file(place / "letters/dear.txt", "x");
    EXPECT_EQ(refusal({.from = folder,
                       .to = place / "letters",
                       .form = ModelForm::ir,
                       .if_exists = OutputFile::IfExists::replace}),
              (place / "letters").string() +
                  ": holds dear.txt, which is not part of a converted model, so it is not replaced; give another name");
    EXPECT_TRUE(fs::exists(place / "letters/dear.txt"));
    EXPECT_EQ(place.entries(), 2);
}

TEST(Convert, AModelThatHoldsSomethingElseIsNotReplaced) {
    const TemporaryFolder place;
    for (const char* form : {"ir", "ir-2022", "diffusers"}) {
        const fs::path to = place.path() / form;
        const Conversion conversion{
            .from = folder, .to = to, .form = model_form_by_name(form), .if_exists = OutputFile::IfExists::replace};
        run(conversion);
        EXPECT_NO_THROW(run(conversion)) << form;
        for (const char* own : {"notes.txt", "unet/lora.safetensors", ".git/HEAD"}) {
            testing::write_file(to / own, "mine");
            testing::expect_says(refusal(conversion), {to.string(), "is not replaced"});
            EXPECT_EQ(testing::read_file(to / own), "mine");
            fs::remove(to / own);
            if (fs::is_empty((to / own).parent_path())) fs::remove((to / own).parent_path());
        }
        fs::create_symlink(single_file, to / "easel.json");
        testing::expect_says(refusal(conversion), {"holds easel.json"});
    }
}

TEST(Convert, AFileThatIsNotAModelIsNotReplaced) {
    const TemporaryFolder place;
    testing::write_file(place / "latents.safetensors",
                        std::string("\x40\0\0\0\0\0\0\0", 8) +
                            R"({"latents":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}    )" + "1234");
    testing::write_file(place / "notes.txt", "mine");
    fs::copy(golden + "inputs/init_160x120.png", place / "photo.png");
    const auto conversion = [&](const char* name) {
        return Conversion{.from = folder,
                          .to = place / name,
                          .form = ModelForm::safetensors,
                          .if_exists = OutputFile::IfExists::replace};
    };
    for (const char* name : {"latents.safetensors", "notes.txt", "photo.png"}) {
        const std::string before = testing::read_file(place / name);
        testing::expect_says(refusal(conversion(name)), {name, "is not a model, so it is not replaced"});
        EXPECT_EQ(testing::read_file(place / name), before);
    }
    ASSERT_EQ(::mkfifo((place / "pipe").c_str(), 0600), 0);
    testing::expect_says(refusal(conversion("pipe")), {"a pipe"});
    EXPECT_TRUE(fs::is_fifo(place / "pipe"));
    run(conversion("model.safetensors"));
    fs::create_symlink("model.safetensors", place / "link");
    EXPECT_NO_THROW(run(conversion("link")));
    EXPECT_TRUE(fs::is_symlink(place / "link"));
    EXPECT_EQ(place.entries(), 6);
}

TEST(Convert, SourceIsNotOverwritten) {
    const TemporaryFolder place;
    fs::copy(folder, place / "model", fs::copy_options::recursive);
    for (const fs::path& to : {place / "model", place / "model/", place / "model/inside", place.path()})
        EXPECT_NE(refusal({.from = place / "model",
                           .to = to,
                           .form = ModelForm::diffusers,
                           .if_exists = OutputFile::IfExists::replace})
                      .find("is inside the model to convert, or contains it"),
                  std::string::npos)
            << to;
    EXPECT_TRUE(fs::exists(place / "model/unet/config.json"));
}

TEST(Convert, NothingIsLeftOfOneThatFailsOrIsStopped) {
    const TemporaryFolder place;
    fs::copy(folder, place / "broken", fs::copy_options::recursive);
    fs::resize_file(place / "broken/vae/diffusion_pytorch_model.safetensors", 1000);
    std::stop_source stopped;
    stopped.request_stop();
    for (const char* form : {"ir", "ir-2022", "diffusers", "safetensors"}) {
        EXPECT_NE(refusal({.from = place / "broken", .to = place / "out", .form = model_form_by_name(form)}), "");
        EXPECT_THROW(run({.from = folder, .to = place / "out", .form = model_form_by_name(form), .precision = "f16"},
                         stopped.get_token()),
                     Cancelled);
    }
    EXPECT_EQ(place.entries(), 1);
}

TEST(Convert, WrongNamesAreRefused) {
    EXPECT_EQ(testing::sentence_of([] { model_form_by_name("onnx"); }),
              "`to` onnx: give one of ir, ir-2022, diffusers, safetensors");
    const TemporaryFolder place;
    EXPECT_EQ(refusal({.from = folder, .to = place / "x", .form = ModelForm::ir, .precision = "int8"}),
              "`precision` int8: weights are stored as f32, f16 or bf16");
    EXPECT_NE(refusal({.from = "no/such/model", .to = place / "x", .form = ModelForm::ir}).find("no/such/model"),
              std::string::npos);
    EXPECT_NE(refusal({.from = folder, .to = place / "no/such/x", .form = ModelForm::ir}).find("does not exist"),
              std::string::npos);
    EXPECT_EQ(place.entries(), 0);
}

TEST(Convert, AnotherVocabularyIsCopiedAndNoted) {
    const TemporaryFolder place;
    fs::copy(folder, place / "model", fs::copy_options::recursive);
    write_standard_tokenizer(place / "model/tokenizer");
    EXPECT_TRUE(is_standard_tokenizer(place / "model/tokenizer"));
    EXPECT_TRUE(run({.from = place / "model", .to = place / "ir", .form = ModelForm::ir}).empty());
    EXPECT_EQ(Tokenizer::open(place / "ir/tokenizer").encode("a Red fox, 2 birds!").ids,
              Tokenizer::standard().encode("a Red fox, 2 birds!").ids);

    auto vocabulary = nlohmann::json::parse(testing::read_file(place / "model/tokenizer/vocab.json"));
    std::swap(vocabulary["a"], vocabulary["b"]);
    testing::write_file(place / "model/tokenizer/vocab.json", vocabulary.dump());
    const auto notes = run({.from = place / "model", .to = place / "other", .form = ModelForm::ir});
    ASSERT_EQ(notes.size(), 1u);
    EXPECT_NE(notes.front().find("is not the standard one"), std::string::npos);
    EXPECT_FALSE(fs::exists(place / "other/tokenizer/openvino_tokenizer.xml"));
    EXPECT_EQ(testing::read_file(place / "other/tokenizer/vocab.json"), vocabulary.dump());
}

}  // namespace
}  // namespace easel
