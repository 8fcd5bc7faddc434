#include "hub/file_choice.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "support/files.h"

namespace easel::hub {
namespace {

using Names = std::vector<std::string>;
using testing::expect_says;
using testing::sentence_of;

Names with(Names names, const Names& more) {
    names.insert(names.end(), more.begin(), more.end());
    return names;
}

Names without(Names names, const std::string& name) {
    std::erase(names, name);
    return names;
}

std::string refusal(const Names& names, const Wanted& wanted = {}) {
    return sentence_of([&] { choose_files(names, wanted, "a/b"); });
}

const Names model = {"model_index.json",
                     "text_encoder/config.json",
                     "unet/config.json",
                     "vae/config.json",
                     "text_encoder/model.safetensors",
                     "unet/diffusion_pytorch_model.safetensors",
                     "vae/diffusion_pytorch_model.safetensors"};

TEST(FileChoice, LeavesOutWhatEaselDoesNotRead) {
    const Names settings = {"easel.json",           "model_index.json",     "scheduler/scheduler_config.json",
                            "tokenizer/merges.txt", "tokenizer/vocab.json", "text_encoder/config.json",
                            "unet/config.json",     "vae/config.json"};
    const Names weights = {model.end() - 3, model.end()};
    const Names others = {"README.md",
                          "v1-5.safetensors",
                          "v1-5.ckpt",
                          "safety_checker/model.safetensors",
                          "safety_checker/config.json",
                          "feature_extractor/preprocessor_config.json",
                          "unet/diffusion_pytorch_model.bin",
                          "unet/diffusion_pytorch_model.fp16.safetensors",
                          "unet/diffusion_pytorch_model.non_ema.safetensors",
                          "unet/model.onnx",
                          "text_encoder/pytorch_model.bin",
                          "tokenizer/evil.pt"};
    const FileChoice choice = choose_files(with(with(settings, weights), others), {}, "a/b");
    EXPECT_EQ(choice.kind, FileChoice::Kind::diffusers_folder);
    EXPECT_EQ(choice.files, with(settings, weights));
}

TEST(FileChoice, TakesTheSecondTextEncoderToo) {
    const Names second = {"text_encoder_2/config.json", "text_encoder_2/model.safetensors",
                          "tokenizer_2/special_tokens_map.json"};
    Names both = choose_files(with(model, second), {}, "a/b").files;
    std::ranges::sort(both);
    Names expected = with(model, second);
    std::ranges::sort(expected);
    EXPECT_EQ(both, expected);
    // The refiner of Stable Diffusion XL.
    const Names alone =
        without(without(with(model, second), "text_encoder/config.json"), "text_encoder/model.safetensors");
    EXPECT_EQ(choose_files(alone, {}, "a/b").files.size(), alone.size());
    expect_says(refusal(without(alone, "text_encoder_2/model.safetensors")), {"a/b", "text_encoder_2"});
    expect_says(refusal({"model_index.json", "unet/config.json"}), {"a/b", "text_encoder/model.safetensors"});
}

TEST(FileChoice, TakesOneVariantOfEachPart) {
    const Names both =
        with(model, {"unet/diffusion_pytorch_model.fp16.safetensors", "text_encoder/model.fp16.safetensors"});
    const Names half = choose_files(both, {.include = {}, .variant = "fp16"}, "a/b").files;
    EXPECT_EQ(Names(half.end() - 3, half.end()),
              (Names{"text_encoder/model.fp16.safetensors", "unet/diffusion_pytorch_model.fp16.safetensors",
                     "vae/diffusion_pytorch_model.safetensors"}));
    const Names plain = choose_files(both, {}, "a/b").files;
    EXPECT_EQ(Names(plain.end() - 3, plain.end()), Names(model.end() - 3, model.end()));
    const Names only_half = choose_files(without(both, "text_encoder/model.safetensors"), {}, "a/b").files;
    EXPECT_EQ(*(only_half.end() - 3), "text_encoder/model.fp16.safetensors");
}

TEST(FileChoice, RefusesAVariantThatNoPartHas) {
    expect_says(refusal(model, {.include = {}, .variant = "fp16"}), {"a/b", "fp16", "`variant`"});
}

TEST(FileChoice, TakesOneFileBeforeShardsAndAllShardsWithTheirIndex) {
    const std::string whole = "unet/diffusion_pytorch_model.safetensors";
    const Names shards = {"unet/diffusion_pytorch_model-00001-of-00002.safetensors",
                          "unet/diffusion_pytorch_model-00002-of-00002.safetensors",
                          "unet/diffusion_pytorch_model.safetensors.index.json"};
    EXPECT_EQ(choose_files(with(model, shards), {}, "a/b").files.size(), model.size());
    const Names sharded = choose_files(with(without(model, whole), shards), {}, "a/b").files;
    EXPECT_EQ(sharded.size(), model.size() + 2);
    for (const std::string& file : shards) {
        EXPECT_NE(std::find(sharded.begin(), sharded.end(), file), sharded.end()) << file;
        expect_says(refusal(with(without(model, whole), without(shards, file))), {"a/b", "unet"});
    }
}

TEST(FileChoice, KnowsBothSpellingsOfShardsOfAVariant) {
    const Names rest = without(model, "unet/diffusion_pytorch_model.safetensors");
    for (const Names& shards : {Names{"unet/diffusion_pytorch_model.fp16-00001-of-00001.safetensors",
                                      "unet/diffusion_pytorch_model.safetensors.index.fp16.json"},
                                Names{"unet/diffusion_pytorch_model-00001-of-00001.fp16.safetensors",
                                      "unet/diffusion_pytorch_model.fp16.safetensors.index.json"}})
        EXPECT_EQ(choose_files(with(rest, shards), {}, "a/b").files.size(), model.size() + 1);
}

TEST(FileChoice, SaysWhereThereAreOnlyPickles) {
    expect_says(
        refusal(with(without(model, "unet/diffusion_pytorch_model.safetensors"), {"unet/diffusion_pytorch_model.bin"})),
        {"a/b", "pickle", "unet/diffusion_pytorch_model.bin"});
    expect_says(refusal({"README.md", "v1-4.ckpt"}), {"a/b", "pickle", "v1-4.ckpt"});
}

TEST(FileChoice, SaysWhatIsMissing) {
    expect_says(refusal(without(model, "vae/config.json")), {"a/b", "vae/config.json"});
    expect_says(refusal(without(model, "vae/diffusion_pytorch_model.safetensors")), {"a/b", "vae"});
    expect_says(refusal({"README.md"}), {"a/b", "model_index.json"});
    expect_says(refusal({}), {"a/b"});
}

TEST(FileChoice, TakesTheOneFileOfASingleFileRepository) {
    const FileChoice choice =
        choose_files({"README.md", "dream.safetensors", "dream.ckpt", "vae/x.safetensors"}, {}, "a/b");
    EXPECT_EQ(choice.kind, FileChoice::Kind::single_file);
    EXPECT_EQ(choice.files, Names{"dream.safetensors"});
    expect_says(refusal({"one.safetensors", "two.safetensors"}), {"one.safetensors", "two.safetensors", "--include"});
}

TEST(FileChoice, TakesWhatIsIncludedButNoPickle) {
    const Names names = {"one.safetensors", "two.safetensors", "two.ckpt", "sub/two.txt"};
    EXPECT_EQ(choose_files(names, {.include = {"two*", "sub/*"}, .variant = {}}, "a/b").files,
              (Names{"sub/two.txt", "two.safetensors"}));
    expect_says(refusal(names, {.include = {"*.ckpt"}, .variant = {}}), {"two.ckpt", "pickle"});
    expect_says(refusal(names, {.include = {"three"}, .variant = {}}), {"three", "one.safetensors"});
}

TEST(FileChoice, TakesOpenVinoFoldersOfBothKinds) {
    const Names old_kind = {"text_encoder.xml", "text_encoder.bin", "unet.xml",        "unet.bin",
                            "vae_decoder.xml",  "vae_decoder.bin",  "vae_encoder.xml", "vae_encoder.bin"};
    const FileChoice old_choice = choose_files(with(old_kind, {"README.md", "other.bin"}), {}, "a/b");
    EXPECT_EQ(old_choice.kind, FileChoice::Kind::openvino_folder);
    EXPECT_EQ(old_choice.files, old_kind);
    expect_says(refusal(without(old_kind, "unet.bin")), {"a/b", "unet.bin"});

    Names exported = {"model_index.json", "scheduler/scheduler_config.json"};
    for (const std::string part : {"text_encoder", "unet", "vae_decoder", "vae_encoder"})
        for (const char* file : {"/config.json", "/openvino_model.xml", "/openvino_model.bin"})
            exported.push_back(part + file);
    const FileChoice choice = choose_files(
        with(exported, {"safety_checker/openvino_model.xml", "safety_checker/openvino_model.bin"}), {}, "a/b");
    EXPECT_EQ(choice.kind, FileChoice::Kind::openvino_folder);
    EXPECT_EQ(choice.files.size(), exported.size());
}

}  // namespace
}  // namespace easel::hub
