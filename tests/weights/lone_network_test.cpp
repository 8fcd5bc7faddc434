// Networks that are no whole models, as they are published.
#include "weights/lone_network.h"

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/files.h"
#include "weights/crafted.h"

namespace easel {
namespace {

namespace fs = std::filesystem;

using testing::EditableTensors;
using testing::expect_says;
using testing::sentence_of;
using testing::TemporaryFolder;

using Names = std::vector<std::string>;

const std::string taesd = "golden/families/taesd/";
const std::string controlnet = "golden/adapters/controlnet/edges";
const std::string upscalers = "golden/adapters/upscalers/";

LoneNetwork lone(const fs::path& path) {
    auto found = find_lone_network(path);
    if (!found) throw std::runtime_error(path.string() + " is no network");
    return *std::move(found);
}

/// The VAE of a whole model in a single file, under the names that `rename` makes of its own.
template <typename Rename>
void write_lone_vae(const fs::path& to, Rename rename) {
    EditableTensors tensors("golden/tiny/single/tiny.safetensors");
    constexpr std::string_view prefix = "first_stage_model.";
    tensors.rename_all([&](const std::string& name) {
        return name.starts_with(prefix) ? rename(name.substr(prefix.size())) : std::string();
    });
    tensors.metadata.clear();
    tensors.write(to);
}

TEST(LoneNetworks, VaesInFoldersTellTheirFamily) {
    const LoneNetwork vae = lone("golden/tiny/diffusers/vae");
    EXPECT_EQ(vae.kind(), "vae");
    EXPECT_EQ(vae.families, (Names{"Stable Diffusion 1.x", "Stable Diffusion 2.x"}));
    EXPECT_GT(vae.weight_bytes, 1000u);
    expect_says(vae.description(),
                {"a VAE for Stable Diffusion 1.x or Stable Diffusion 2.x: latents of 4 channels, one for 8 x 8 pixels",
                 "scaling factor 0.18215", "folder, F"});
    const TemporaryFolder other;
    fs::copy("golden/tiny/diffusers/vae", other.path(), fs::copy_options::recursive);
    auto config = nlohmann::json::parse(testing::read_file(other / "config.json"));
    config["scaling_factor"] = 0.13025;
    testing::write_file(other / "config.json", config.dump());
    EXPECT_EQ(lone(other.path()).families, Names{"Stable Diffusion XL"});
    config["scaling_factor"] = 0.5;
    testing::write_file(other / "config.json", config.dump());
    EXPECT_EQ(lone(other.path()).families, Names{});
    expect_says(lone(other.path()).description(), {"a VAE: latents"});
}

TEST(LoneNetworks, VaesInFilesLeaveTheFamilyOpen) {
    const TemporaryFolder folder;
    write_lone_vae(folder / "bare.safetensors", [](const std::string& name) { return name; });
    write_lone_vae(folder / "prefixed.safetensors",
                   [](const std::string& name) { return "first_stage_model." + name; });
    for (const char* name : {"bare.safetensors", "prefixed.safetensors"}) {
        const LoneNetwork vae = lone(folder / name);
        EXPECT_EQ(vae.kind(), "vae");
        EXPECT_EQ(vae.families, (Names{"Stable Diffusion 1.x", "Stable Diffusion 2.x", "Stable Diffusion XL"}));
        expect_says(vae.description(), {"Stable Diffusion 2.x or Stable Diffusion XL: latents of 4 channels",
                                        "its scaling factor is not told, single file"});
    }
}

TEST(LoneNetworks, TinyVaesTellTheirHalves) {
    const TemporaryFolder folder;
    fs::copy_file(taesd + "taesd_decoder.safetensors", folder / "alone_decoder.safetensors");
    expect_says(lone(folder / "alone_decoder.safetensors").description(),
                {"a tiny VAE (TAESD) for Stable Diffusion 1.x, ", "4 channels, one for 8 x 8 pixels, decoder, single"});
    for (const fs::path& path : {fs::path(taesd + "taesd_decoder.safetensors"), fs::path(taesd)})
        expect_says(lone(path).description(), {"a tiny VAE (TAESD) for", "decoder and encoder"});
    const LoneNetwork encoder = lone(taesd + "taesd_encoder.safetensors");
    EXPECT_EQ(encoder.kind(), "tiny_vae");
    expect_says(encoder.description(), {"a tiny VAE's encoder for", "4 channels, one for 8 x 8 pixels, encoder"});
    // Diffusers' names.
    const TinyVae original = open_tiny_vae(taesd + "taesd_decoder.safetensors");
    std::vector<TensorView> tensors;
    for (const std::string& name : original.weights.names()) {
        const Weight weight = original.weights.at(name);
        tensors.push_back({.name = name, .dtype = weight.dtype, .shape = weight.shape, .bytes = weight.bytes});
    }
    testing::write_file(folder / "tiny/config.json", R"({"_class_name": "AutoencoderTiny"})");
    write_safetensors(folder / "tiny/diffusion_pytorch_model.safetensors", tensors);
    for (const fs::path& path : {folder / "tiny/diffusion_pytorch_model.safetensors", folder / "tiny"})
        expect_says(lone(path).description(), {"a tiny VAE (TAESD) for", "decoder and encoder"});
}

TEST(LoneNetworks, TinyVaesOfSixteenChannelsAreOfOtherFamilies) {
    const TemporaryFolder folder;
    EditableTensors tensors(taesd + "taesd_decoder.safetensors");
    tensors.remove("1.weight");
    tensors.add("1.weight", {8, 16, 3, 3});
    tensors.write(folder / "taesd3_decoder.safetensors");
    EXPECT_EQ(lone(folder / "taesd3_decoder.safetensors").families, (Names{"Stable Diffusion 3", "Flux"}));
}

TEST(LoneNetworks, ControlNetsTellTheirFamilyAndText) {
    const LoneNetwork of_sd1 = lone(controlnet), of_xl = lone("golden/xl_controls/edges");
    EXPECT_EQ(of_sd1.kind(), "controlnet");
    EXPECT_EQ(of_sd1.families, Names{"Stable Diffusion 1.x"});
    EXPECT_EQ(of_xl.families, Names{"Stable Diffusion XL"});
    expect_says(of_xl.description(), {"a ControlNet for Stable Diffusion XL: text of width 14, latents of 4 channels",
                                      "one for 8 x 8 pixels, folder, F16, 0.2 MB"});
    const TemporaryFolder folder;
    fs::copy_file(controlnet + "/diffusion_pytorch_model.safetensors", folder / "shuffle.safetensors");
    expect_says(lone(folder / "shuffle.safetensors").description(),
                {"a ControlNet for Stable Diffusion 1.x: text of width 32", "gives means of channels, single file"});
    auto config = nlohmann::json::parse(testing::read_file(controlnet + "/config.json"));
    config["use_linear_projection"] = true;
    config["controlnet_conditioning_channel_order"] = "bgr";
    testing::write_file(folder / "net/config.json", config.dump());
    fs::copy_file(controlnet + "/diffusion_pytorch_model.safetensors",
                  folder / "net/diffusion_pytorch_model.safetensors");
    expect_says(lone(folder / "net").description(), {"for Stable Diffusion 2.x", "takes blue before red"});
    testing::write_file(folder / "net/config.json", R"({"_class_name": "ControlNetUnionModel"})");
    expect_says(sentence_of([&] { lone(folder / "net"); }), {"ControlNetUnionModel", "is not supported"});
}

TEST(LoneNetworks, UpscalersTellTheirScale) {
    const LoneNetwork rrdb = lone(upscalers + "x4.safetensors");
    EXPECT_EQ(rrdb.kind(), "upscaler");
    EXPECT_EQ(rrdb.families, Names{});
    expect_says(rrdb.description(), {"an upscaler: ESRGAN, 4 times larger, 8 filters, 2 blocks, single file"});
    expect_says(lone(upscalers + "compact_x4.safetensors").description(),
                {"an upscaler: Real-ESRGAN Compact, 4 times larger"});
}

TEST(LoneNetworks, AreNotWhatOtherFilesHold) {
    for (const char* path :
         {"golden/tiny/diffusers", "golden/tiny/single/tiny.safetensors", "golden/tiny/diffusers/unet",
          "golden/adapters/loras/kohya.safetensors", "golden/adapters/embeddings/webui.pt",
          "golden/adapters/embeddings/one-vector.safetensors", "nowhere", "golden"})
        EXPECT_FALSE(find_lone_network(path).has_value()) << path;
}

TEST(LoneNetworks, ThatAreDamagedSaySo) {
    const TemporaryFolder folder;
    EditableTensors encoder(taesd + "taesd_encoder.safetensors");
    encoder.remove("14.bias");
    encoder.write(folder / "taesd_encoder.safetensors");
    expect_says(sentence_of([&] { lone(folder / "taesd_encoder.safetensors"); }),
                {"taesd_encoder.safetensors", "encoder has no last convolution"});
    write_lone_vae(folder / "vae.safetensors",
                   [](const std::string& name) { return name == "decoder.conv_in.weight" ? std::string() : name; });
    expect_says(sentence_of([&] { lone(folder / "vae.safetensors"); }), {"vae.safetensors", "decoder.conv_in.weight"});
    testing::write_file(folder / "config.json", "{");
    expect_says(sentence_of([&] { lone(folder.path()); }), {"config.json"});
}

}  // namespace
}  // namespace easel
