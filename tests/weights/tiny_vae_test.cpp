#include "weights/tiny_vae.h"

#include <gtest/gtest.h>

#include "support/files.h"
#include "weights/crafted.h"

namespace easel {
namespace {

namespace fs = std::filesystem;

using testing::EditableTensors;
using testing::expect_says;
using testing::sentence_of;
using testing::TemporaryFolder;

const fs::path golden_taesd = "golden/families/taesd";

class TinyVaes : public ::testing::Test {
  protected:
    TinyVaes() {
        for (const char* side : {"decoder", "encoder"})
            fs::copy_file(golden_taesd / ("taesd_" + std::string(side) + ".safetensors"), file(side));
    }
    fs::path file(const std::string& side) const { return folder_ / ("taesd_" + side + ".safetensors"); }
    std::string refusal() const {
        return sentence_of([&] { open_tiny_vae(file("decoder")); });
    }

    TemporaryFolder folder_;
};

TEST_F(TinyVaes, TellTheirShapeAndFindTheirEncoder) {
    for (const fs::path& path : {file("decoder"), folder_.path()}) {
        const TinyVae vae = open_tiny_vae(path);
        EXPECT_TRUE(vae.has_encoder);
        EXPECT_EQ(vae.config.decoder_blocks, (std::vector<int>{3, 3, 3, 1}));
        EXPECT_EQ(vae.config.encoder_blocks, (std::vector<int>{1, 3, 3, 3}));
        EXPECT_EQ(vae.config.width, 8);
        EXPECT_EQ(vae.config.latent_channels, 4);
        EXPECT_EQ(vae.config.downsampling(), 8);
    }
    fs::remove(file("encoder"));
    EXPECT_FALSE(open_tiny_vae(file("decoder")).has_encoder);
}

TEST_F(TinyVaes, InDiffusersNamesAreTheSame) {
    const TinyVae original = open_tiny_vae(file("decoder"));
    std::vector<TensorView> tensors;
    for (const std::string& name : original.weights.names()) {
        const Weight weight = original.weights.at(name);
        tensors.push_back({.name = name, .dtype = weight.dtype, .shape = weight.shape, .bytes = weight.bytes});
    }
    write_safetensors(folder_ / "diffusion_pytorch_model.safetensors", tensors);
    for (const fs::path& path : {folder_.path(), folder_ / "diffusion_pytorch_model.safetensors"}) {
        const TinyVae vae = open_tiny_vae(path);
        EXPECT_TRUE(vae.has_encoder);
        EXPECT_EQ(vae.weights.names(), original.weights.names());
        EXPECT_EQ(vae.config.decoder_blocks, original.config.decoder_blocks);
    }
    EXPECT_EQ(original.weights.name_in_file("decoder.layers.0.weight"), "1.weight");
}

TEST_F(TinyVaes, ThatAreBrokenSaySo) {
    EditableTensors tensors(file("decoder"));
    tensors.remove("19.bias");
    tensors.write(file("decoder"));
    expect_says(refusal(), {"taesd_decoder.safetensors", "no last convolution"});
    tensors = EditableTensors(golden_taesd / "taesd_encoder.safetensors");
    tensors.remove("14.weight");
    tensors.add("14.weight", {5, 8, 3, 3});
    tensors.write(file("encoder"));
    fs::copy_file(golden_taesd / "taesd_decoder.safetensors", file("decoder"), fs::copy_options::overwrite_existing);
    expect_says(refusal(), {"gives 5 channels", "takes 4", "do not belong together"});
    testing::write_file(file("decoder"),
                        testing::read_file(golden_taesd / "taesd_decoder.safetensors").substr(0, 5000));
    expect_says(refusal(), {"taesd_decoder.safetensors"});
    expect_says(sentence_of([&] { open_tiny_vae("golden/tiny/single/tiny.safetensors"); }),
                {"a Stable Diffusion 1.x model", "a tiny VAE (TAESD) is expected"});
    const TemporaryFolder empty;
    expect_says(sentence_of([&] { open_tiny_vae(empty.path()); }), {"has no tiny VAE"});
}

}  // namespace
}  // namespace easel
