// LoRAs and embeddings of Stable Diffusion XL, against copies of the model into whose tensors they were written by
// hand.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <easel/easel.h>

#include "pictures/read.h"
#include "pipeline/cases.h"
#include "support/families.h"
#include "support/files.h"
#include "text/tokenizer.h"
#include "weights/floats.h"

namespace easel {
namespace {

namespace fs = std::filesystem;
using testing::expect_says;
using testing::psnr;
using testing::sentence_of;

constexpr std::int64_t rank = 2;
constexpr float alpha = 1.0f;

/// A layer by its names in the three spellings, and where the single file has its weight.
struct Layer {
    std::string kohya, original_kohya, diffusers, in_file;
    /// The first of its rows there, and how many they are; 0: all.
    std::int64_t first_row = 0, rows = 0;
};

const std::string clip_l = "conditioner.embedders.0.transformer.text_model.encoder.layers.",
                  clip_g = "conditioner.embedders.1.model.transformer.resblocks.", unet = "model.diffusion_model.";

const std::vector<Layer> layers = {
    {"lora_te1_text_model_encoder_layers_0_self_attn_q_proj", "lora_te1_text_model_encoder_layers_0_self_attn_q_proj",
     "text_encoder.text_model.encoder.layers.0.self_attn.q_proj", clip_l + "0.self_attn.q_proj.weight"},
    // Keys and values lie in one tensor with the queries.
    {"lora_te2_text_model_encoder_layers_3_self_attn_k_proj", "lora_te2_text_model_encoder_layers_3_self_attn_k_proj",
     "text_encoder_2.text_model.encoder.layers.3.self_attn.k_proj", clip_g + "3.attn.in_proj_weight", 8, 8},
    {"lora_te2_text_model_encoder_layers_4_self_attn_v_proj", "lora_te2_text_model_encoder_layers_4_self_attn_v_proj",
     "text_encoder_2.text_model.encoder.layers.4.self_attn.v_proj", clip_g + "4.attn.in_proj_weight", 16, 8},
    // Of the last layer, which only the pooled vector has.
    {"lora_te2_text_model_encoder_layers_10_mlp_fc1", "lora_te2_text_model_encoder_layers_10_mlp_fc1",
     "text_encoder_2.text_model.encoder.layers.10.mlp.fc1", clip_g + "10.mlp.c_fc.weight"},
    {"lora_unet_down_blocks_1_attentions_0_transformer_blocks_1_attn2_to_k",
     "lora_unet_input_blocks_4_1_transformer_blocks_1_attn2_to_k",
     "unet.down_blocks.1.attentions.0.transformer_blocks.1.attn2.to_k",
     unet + "input_blocks.4.1.transformer_blocks.1.attn2.to_k.weight"},
    {"lora_unet_add_embedding_linear_1", "lora_unet_label_emb_0_0", "unet.add_embedding.linear_1",
     unet + "label_emb.0.0.weight"},
    {"lora_unet_up_blocks_0_upsamplers_0_conv", "lora_unet_output_blocks_2_2_conv",
     "unet.up_blocks.0.upsamplers.0.conv", unet + "output_blocks.2.2.conv.weight"},
};

/// A file of tensors that owns them.
class TensorFile {
  public:
    void add(const std::string& name, std::vector<std::int64_t> shape, const std::vector<float>& values,
             DType dtype = DType::F32) {
        bytes_[name] = bytes_of(values, dtype);
        add({.name = name, .dtype = dtype, .shape = std::move(shape), .bytes = bytes_[name]});
    }
    void add(const TensorView& tensor) { tensors_.push_back(tensor); }
    void write(const fs::path& path) const { write_safetensors(path, tensors_, {}); }

  private:
    std::map<std::string, std::vector<std::byte>> bytes_;
    std::vector<TensorView> tensors_;
};

std::int64_t count_of(const std::vector<std::int64_t>& shape) {
    std::int64_t count = 1;
    for (const std::int64_t side : shape) count *= side;
    return count;
}

/// Some numbers, the same each time.
std::vector<float> numbers(std::int64_t count, double begin) {
    std::vector<float> values;
    for (std::int64_t i = 0; i < count; ++i)
        values.push_back(static_cast<float>(0.4 * std::sin(begin + 1.7 * double(i))));
    return values;
}

Request picture(const std::string& prompt = "a red fox!") {
    return {.prompt = prompt, .width = 64, .height = 64, .num_inference_steps = 2, .guidance_scale = 4.0, .seed = 7};
}

class XlAdapters : public ::testing::Test {
  protected:
    /// The shapes of a layer's factors, down and up.
    std::pair<std::vector<std::int64_t>, std::vector<std::int64_t>> shapes_of(const Layer& layer) {
        std::vector<std::int64_t> down = model_[layer.in_file].shape, up(down.size(), 1);
        up[0] = layer.rows > 0 ? layer.rows : down[0];
        up[1] = down[0] = rank;
        return {down, up};
    }

    /// The LoRA with the names that `name` gives.
    fs::path written_lora(const std::string& file, std::string Layer::*name) {
        TensorFile lora;
        const bool is_kohya = name != &Layer::diffusers;
        double begin = 0.0;
        for (const Layer& layer : layers) {
            const auto [down, up] = shapes_of(layer);
            lora.add(layer.*name + (is_kohya ? ".lora_down.weight" : ".lora_A.weight"), down,
                     numbers(count_of(down), begin += 0.3));
            lora.add(layer.*name + (is_kohya ? ".lora_up.weight" : ".lora_B.weight"), up,
                     numbers(count_of(up), begin += 0.3));
            lora.add(layer.*name + ".alpha", {}, {alpha});
        }
        lora.write(folder_ / file);
        return folder_ / file;
    }

    /// The model with the LoRA written into its tensors: W + weight alpha / rank up down.
    fs::path written_model(double unet_weight, double text_weight) {
        TensorFile changed;
        const SafetensorsFile file(path_);
        for (const auto& [name, tensor] : file.tensors()) {
            if (!is_float(tensor.dtype)) {
                changed.add(tensor);
                continue;
            }
            std::vector<float> values = floats_of(tensor.bytes, tensor.dtype);
            double begin = 0.0;
            for (const Layer& layer : layers) {
                const auto [down_shape, up_shape] = shapes_of(layer);
                const auto down = numbers(count_of(down_shape), begin += 0.3);
                const auto up = numbers(count_of(up_shape), begin += 0.3);
                if (layer.in_file != name) continue;
                const double scale = (name.starts_with(unet) ? unet_weight : text_weight) * alpha / rank;
                const std::int64_t columns = count_of(down_shape) / rank;
                for (std::int64_t row = 0; row < up_shape[0]; ++row)
                    for (std::int64_t column = 0; column < columns; ++column)
                        for (std::int64_t k = 0; k < rank; ++k)
                            values[static_cast<std::size_t>((layer.first_row + row) * columns + column)] +=
                                static_cast<float>(scale * up[static_cast<std::size_t>(row * rank + k)] *
                                                   down[static_cast<std::size_t>(k * columns + column)]);
            }
            changed.add(name, tensor.shape, values, tensor.dtype);
        }
        changed.write(folder_ / "merged.safetensors");
        return folder_ / "merged.safetensors";
    }

    Picture drawn(const fs::path& model, const Request& request) {
        return Engine({.model = model, .precision = "f32"}).generate(request).picture;
    }
    std::string refusal(const Request& request) {
        return sentence_of([&] { Engine({.model = path_}).generate(request); });
    }

    testing::TemporaryFolder folder_;
    const fs::path path_ = testing::whole_model("sdxl.safetensors", folder_);
    testing::EditableTensors model_ = testing::EditableTensors(path_);
};

TEST_F(XlAdapters, ALoraIsTheSameAsItsChangesWrittenIntoTheModel) {
    constexpr double unet_weight = 0.8, text_weight = 3.0;
    const Picture merged = drawn(written_model(unet_weight, text_weight), picture());
    EXPECT_LT(psnr(merged, drawn(path_, picture())), 30.0) << "shows nothing";
    EXPECT_LT(psnr(merged, drawn(written_model(unet_weight, 0.0), picture())), 45.0) << "shows nothing of the texts";
    for (std::string Layer::*const name : {&Layer::kohya, &Layer::original_kohya, &Layer::diffusers}) {
        Request request = picture();
        request.loras = {{written_lora("lora.safetensors", name), unet_weight, text_weight}};
        EXPECT_GE(psnr(drawn(path_, request), merged), 60.0) << layers.back().*name;
    }
}

TEST_F(XlAdapters, ALoraOfEachTextEncoderChangesThePictureAndIsUndone) {
    Engine engine({.model = path_, .precision = "f32"});
    const Picture plain = engine.generate(picture()).picture;
    const fs::path lora = written_lora("all.safetensors", &Layer::kohya);
    for (const std::string encoder : {"lora_te1_", "lora_te2_"}) {
        testing::EditableTensors part(lora);
        part.rename_all([&](const std::string& name) { return name.starts_with(encoder) ? name : std::string(); });
        part.write(folder_ / (encoder + ".safetensors"));
        Request request = picture();
        request.loras = {{folder_ / (encoder + ".safetensors")}};
        EXPECT_NE(engine.generate(request).picture.pixels, plain.pixels) << encoder;
        EXPECT_EQ(engine.generate(picture()).picture.pixels, plain.pixels) << encoder;
    }
}

TEST_F(XlAdapters, LorasAreToldAndStored) {
    Engine engine({.model = path_});
    Request request = picture();
    request.loras = {{written_lora("ink.safetensors", &Layer::original_kohya), 0.5}};
    std::string notes;
    const Result result = engine.generate(request, {.note = [&](const std::string& note) { notes += note; }});
    expect_says(notes, {"ink.safetensors: applied 7 of 7 layers (rank 2)"});
    expect_says(result.parameters, {"<lora:ink:0.5>", "Lora hashes: \"ink: "});
}

TEST_F(XlAdapters, LorasOfAnotherFamilyAreNamed) {
    Request request = picture();
    request.loras = {{"golden/adapters/loras/kohya.safetensors"}};
    expect_says(refusal(request), {"kohya.safetensors", "Stable Diffusion 1.x", "Stable Diffusion XL"});
    const fs::path lora = written_lora("ink.safetensors", &Layer::original_kohya);
    request.loras = {{lora}};
    expect_says(sentence_of([&] { Engine({.model = testing::golden + "tiny/diffusers"}).generate(request); }),
                {"ink.safetensors", "was made for Stable Diffusion XL", "Stable Diffusion 1.x"});
    testing::EditableTensors broken(lora);
    const std::string down = "lora_te2_text_model_encoder_layers_3_self_attn_k_proj.lora_down.weight";
    broken.remove(down);
    broken.add(down, {rank, 24});
    broken.write(folder_ / "broken.safetensors");
    request.loras = {{folder_ / "broken.safetensors"}};
    expect_says(refusal(request), {"broken.safetensors", "layers_3_self_attn_k_proj", "[8, 8]"});
}

constexpr std::int64_t width = 6, width_2 = 8;

/// A word of `count` vectors for each text encoder.
fs::path written_word(const fs::path& path, std::int64_t count) {
    TensorFile word;
    word.add("clip_l", {count, width}, numbers(count * width, 1.0));
    word.add("clip_g", {count, width_2}, numbers(count * width_2, 2.0));
    word.write(path);
    return path;
}

TEST_F(XlAdapters, AWordIsTheSameAsAModelWhoseTokenHasItsVectors) {
    const auto fox = static_cast<std::size_t>(Tokenizer::standard().ids("fox").at(0));
    TensorFile changed;
    const SafetensorsFile file(path_);
    for (const auto& [name, tensor] : file.tensors()) {
        if (!name.ends_with("token_embedding.weight")) {
            changed.add(tensor);
            continue;
        }
        const bool is_first = tensor.shape[1] == width;
        std::vector<float> table = floats_of(tensor.bytes, tensor.dtype);
        const std::vector<float> vector = numbers(tensor.shape[1], is_first ? 1.0 : 2.0);
        std::ranges::copy(vector, table.begin() + static_cast<std::ptrdiff_t>(fox * vector.size()));
        changed.add(name, tensor.shape, table, DType::F32);
    }
    changed.write(folder_ / "changed.safetensors");
    const Picture expected = drawn(folder_ / "changed.safetensors", picture());
    EXPECT_LT(psnr(drawn(path_, picture()), expected), 35.0) << "shows nothing";
    Request request = picture("a red thing!");
    request.embeddings = {{.file = written_word(folder_ / "word.safetensors", 1), .token = "thing"}};
    EXPECT_GE(psnr(drawn(path_, request), expected), 60.0);
}

TEST_F(XlAdapters, WordsOfPlainPromptsAreThoseOfDiffusers) {
    Engine engine({.model = path_, .precision = "f32"});
    Request request{.prompt = "a red <toy> in the snow",
                    .empty_negative = "encoded",
                    .prompt_syntax = PromptSyntax::plain,
                    .width = 64,
                    .height = 64,
                    .num_inference_steps = 4,
                    .guidance_scale = 5.0,
                    .seed = 31,
                    .scheduler_config = testing::families + "schedulers/sdxl_euler.json",
                    .embeddings = {{.file = "golden/adapters/xl_toy.safetensors", .token = "<toy>"}}};
    const auto expected = read_picture("golden/adapters/pictures/xl_toy.png");
    EXPECT_GE(psnr(engine.generate(request).picture, expected), 45.0);
    std::swap(request.prompt, request.negative_prompt);
    request.prompt = "a red fox in the snow";
    EXPECT_LT(psnr(engine.generate(request).picture, expected), 35.0);
}

TEST_F(XlAdapters, AWordStandsInEitherEncodersPromptAndIsStored) {
    Engine engine({.model = path_});
    Request request = picture("a red fox, blue_toy");
    const auto without = engine.generate(request);
    EXPECT_EQ(without.parameters.find("TI hashes"), std::string::npos);
    request.embeddings = {{.file = written_word(folder_ / "blue_toy.safetensors", 3)}};
    const auto both = engine.generate(request);
    expect_says(both.parameters, {"TI hashes: \"blue_toy: "});
    request.prompt_2 = "a red fox";
    const auto first = engine.generate(request);
    request.prompt = "a red fox";
    request.prompt_2 = "a red fox, blue_toy";
    const auto second = engine.generate(request);
    expect_says(second.parameters, {"TI hashes: \"blue_toy: "});
    EXPECT_NE(both.picture.pixels, without.picture.pixels);
    EXPECT_NE(first.picture.pixels, both.picture.pixels);
    EXPECT_NE(second.picture.pixels, both.picture.pixels);
    EXPECT_NE(second.picture.pixels, first.picture.pixels);
}

TEST_F(XlAdapters, WordsOfAnotherFamilyAreNamed) {
    Request request = picture();
    request.embeddings = {{.file = "golden/adapters/embeddings/bad_hands.safetensors"}};
    expect_says(refusal(request), {"bad_hands", "one text encoder", "Stable Diffusion XL", "clip_l and clip_g"});
    request.embeddings = {{.file = "golden/adapters/embeddings/refuse_sdxl.safetensors"}};
    expect_says(refusal(request), {"refuse_sdxl", "768 and 1280 numbers", "6 and 8"});
    expect_says(sentence_of([&] { Engine({.model = testing::golden + "tiny/diffusers"}).generate(request); }),
                {"refuse_sdxl", "an embedding for Stable Diffusion XL", "one for Stable Diffusion 1.x"});
}

}  // namespace
}  // namespace easel
