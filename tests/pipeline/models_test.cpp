// What a model's file holds, as it shows in what is drawn and said.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <easel/easel.h>

#include "pipeline/cases.h"
#include "support/files.h"
#include "weights/crafted.h"

namespace easel {
namespace {

using testing::EditableTensors;
using testing::expect_says;
using testing::golden;
using testing::sentence_of;
using testing::TemporaryFolder;

const std::string tiny_file = golden + "tiny/single/tiny.safetensors";

Request fox() { return {.prompt = "a red fox", .width = 64, .height = 64, .num_inference_steps = 2, .seed = 7}; }

class ModelFiles : public ::testing::Test {
  protected:
    std::string written() const {
        tensors_.write(path_);
        return path_.string();
    }
    bool notes_say(const std::string& part) const {
        const std::vector<std::string> notes = Engine({.model = written()}).info().notes;
        return std::ranges::any_of(notes,
                                   [&](const std::string& note) { return note.find(part) != std::string::npos; });
    }

    TemporaryFolder folder_;
    const std::filesystem::path path_ = folder_ / "model.safetensors";
    EditableTensors tensors_ = EditableTensors(tiny_file);
};

TEST_F(ModelFiles, InForgesNamesDrawTheSamePicture) {
    tensors_.rename_all([](const std::string& name) {
        const std::string text = "cond_stage_model.", vae = "first_stage_model.";
        if (name.starts_with(text)) return "text_encoders.clip_l." + name.substr(text.size());
        return name.starts_with(vae) ? "vae." + name.substr(vae.size()) : name;
    });
    EXPECT_EQ(Engine({.model = written()}).generate(fox()).picture.pixels,
              Engine({.model = tiny_file}).generate(fox()).picture.pixels);
}

TEST_F(ModelFiles, ThatPredictTheVelocityAreDrawnSo) {
    const Picture plain = Engine({.model = tiny_file}).generate(fox()).picture;
    tensors_.add("v_pred", {0});
    Engine velocity({.model = written()});
    EXPECT_EQ(velocity.info().prediction_type, "v_prediction");
    const Picture drawn = velocity.generate(fox()).picture;
    EXPECT_NE(drawn.pixels, plain.pixels);
    tensors_.add("ztsnr", {0});
    EXPECT_NE(Engine({.model = written()}).generate(fox()).picture.pixels, drawn.pixels);
    Request euler = fox();
    euler.sampler = "euler";
    EXPECT_NE(Engine({.model = path_.string()}).generate(euler).picture.pixels,
              Engine({.model = tiny_file}).generate(euler).picture.pixels);
}

TEST_F(ModelFiles, WithANaNAreNamedByIt) {
    const std::string name = "model.diffusion_model.out.2.bias";
    tensors_.add(name, {4});
    std::vector<std::byte> bytes(8, std::byte{0x7E});
    tensors_[name].bytes = bytes;
    Engine engine({.model = written()});
    expect_says(sentence_of([&] { engine.generate(fox()); }), {"model.safetensors", "UNet", name, "NaN"});
}

TEST_F(ModelFiles, WithTensorsThatNothingUsesSaySo) {
    EXPECT_FALSE(notes_say("not used, so pictures"));
    tensors_.add("model.diffusion_model.time_embed.cond_proj.weight", {16, 8});
    EXPECT_TRUE(notes_say("\"model.diffusion_model.time_embed.cond_proj.weight\""));
}

TEST_F(ModelFiles, WithMoreTokensThanTheTokenizerSaySo) {
    EXPECT_FALSE(notes_say("the tokenizer only"));
    tensors_.add("cond_stage_model.transformer.text_model.embeddings.token_embedding.weight", {49410, 32});
    EXPECT_TRUE(notes_say("knows 49410 tokens, but the tokenizer only 49408"));
}

}  // namespace
}  // namespace easel
