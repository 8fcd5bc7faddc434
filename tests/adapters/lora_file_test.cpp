#include "adapters/lora_file.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <gtest/gtest.h>

#include "adapters/lora_keys.h"
#include "adapters/weight_changes.h"
#include "weights/floats.h"

namespace easel {
namespace {

const std::string golden_loras = "golden/adapters/loras/";

const Checkpoint& tiny() {
    static const Checkpoint checkpoint = Checkpoint::open("golden/tiny/diffusers");
    return checkpoint;
}

LoraFile open(const std::string& name) { return open_lora(golden_loras + name + ".safetensors", LayerTable(tiny())); }

std::string refusal_of_lora(const std::filesystem::path& path) {
    try {
        open_lora(path, LayerTable(tiny()));
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

TEST(LoraFile, MergesEveryFormAsTheReferenceDoes) {
    // Names: FILE.merged.NETWORK.TENSOR; made by the reference of golden/scripts at a weight of 1.
    const SafetensorsFile merged("golden/adapters/lora_merged.safetensors");
    EXPECT_EQ(merged.tensors().size(), 42u);
    for (const auto& [name, tensor] : merged.tensors()) {
        const std::size_t mark = name.find(".merged."), network_begin = mark + 8;
        const std::size_t network_end = name.find('.', network_begin);
        const bool is_unet = name.substr(network_begin, network_end - network_begin) == "unet";
        const auto lora = std::make_shared<const LoraFile>(open(name.substr(0, mark)));
        const Weights& weights = is_unet ? tiny().unet.weights : tiny().text_encoder.weights;
        const auto layers = std::shared_ptr<const LoraLayers>(lora, is_unet ? &lora->unet : &lora->text_encoder);
        const Weight ours = with_changes(weights, {{.layers = layers}}).at(name.substr(network_end + 1));
        ASSERT_EQ(ours.shape, tensor.shape) << name;
        const auto expected = floats_of(tensor.bytes, tensor.dtype), values = floats_of(ours.bytes, ours.dtype);
        const auto before = floats_of(weights.find(name.substr(network_end + 1))->bytes, ours.dtype);
        // The tiny model's text encoder is stored in f16, and what is merged is rounded to that.
        const float rounding = ours.dtype == DType::F16 ? 0x1p-11f : 0.0f;
        float change = 0.0f;
        for (std::size_t i = 0; i < values.size(); ++i) {
            EXPECT_NEAR(values[i], expected[i], 2e-6f + rounding * std::abs(expected[i])) << name;
            change = std::max(change, std::abs(before[i] - expected[i]));
        }
        EXPECT_GT(change, 0.01f) << name << ": shows nothing";
    }
}

TEST(LoraFile, AddsMoreThanOneInTurn) {
    const auto lora = std::make_shared<const LoraFile>(open("kohya"));
    const auto layers = std::shared_ptr<const LoraLayers>(lora, &lora->unet);
    const Weights& weights = tiny().unet.weights;
    const std::string name = "down_blocks.0.attentions.0.proj_in.weight";
    const auto values = [&](WeightChanges changes) {
        const Weight weight = with_changes(weights, std::move(changes)).at(name);
        return floats_of(weight.bytes, weight.dtype);
    };
    const auto once = values({{layers, 0.5}}), twice = values({{layers, 0.25}, {layers, 0.25}});
    for (std::size_t i = 0; i < once.size(); ++i) EXPECT_NEAR(once[i], twice[i], 1e-6f);
    EXPECT_EQ(values({{layers, 0.5}, {layers, -0.5}}).size(), once.size());
}

TEST(LoraFile, LeavesOtherWeightsMapped) {
    const auto lora = std::make_shared<const LoraFile>(open("kohya"));
    const Weights changed =
        with_changes(tiny().unet.weights, {{.layers = std::shared_ptr<const LoraLayers>(lora, &lora->unet)}});
    EXPECT_EQ(changed.at("conv_in.weight").bytes.data(), tiny().unet.weights.find("conv_in.weight")->bytes.data());
}

TEST(LoraFile, SaysHowMuchOfItIsUsed) {
    EXPECT_EQ(open("kohya_no_alpha").description().find("applied "), 0u);
    EXPECT_NE(open("kohya_ranks").description().find("(rank 1 to 7)"), std::string::npos);
    EXPECT_NE(open("some_unknown").description().find("the model has no layer"), std::string::npos);
}

TEST(LoraFile, RefusesWhatDoesNotFitByName) {
    const std::pair<const char*, const char*> refused[] = {
        {"refuse_sdxl", "Stable Diffusion XL"},  {"refuse_other_shapes", "cannot change a weight of the shape"},
        {"refuse_no_match", "none of its"},      {"refuse_unknown_kind", "no kind of adapter"},
        {"refuse_half_a_pair", "cannot change"}, {"refuse_ranks_disagree", "cannot change"},
    };
    for (const auto& [name, expected] : refused) {
        const std::string sentence = refusal_of_lora(golden_loras + name + ".safetensors");
        EXPECT_NE(sentence.find(expected), std::string::npos) << name << ": " << sentence;
        EXPECT_NE(sentence.find(name), std::string::npos) << sentence;
    }
}

TEST(LoraFile, EveryPartOfEveryFormIsChecked) {
    static const std::vector<std::byte> zeros(4 * 1000003);
    const LayerTable layers(tiny());
    for (const auto& entry : std::filesystem::directory_iterator(golden_loras)) {
        if (entry.path().filename().string().starts_with("refuse_")) continue;
        const SafetensorsFile file(entry.path());
        const SafetensorsContent sound{.tensors = file.tensors(), .metadata = file.metadata()};
        std::set<std::string> tried;
        for (const auto& [name, tensor] : sound.tensors) {
            const LoraKey key = lora_key(name);
            if (!layers.find(key.layer) || !tried.insert(key.part).second) continue;
            for (const std::vector<std::int64_t>& shape :
                 {std::vector<std::int64_t>{}, {0}, {1000003}, {7, 11}, {2, 3, 5, 7, 11}}) {
                if (key.part == "alpha" && shape.empty()) continue;  // an alpha of 0 is a number
                std::size_t count = 1;
                for (const std::int64_t side : shape) count *= static_cast<std::size_t>(side);
                SafetensorsContent content = sound;
                content.tensors[name] = {.name = name, .shape = shape, .bytes = std::span(zeros).first(4 * count)};
                EXPECT_THROW(read_lora(entry.path(), content, layers), Error)
                    << entry.path() << ": " << name << " with " << shape.size() << " sides";
            }
        }
    }
}

}  // namespace
}  // namespace easel
