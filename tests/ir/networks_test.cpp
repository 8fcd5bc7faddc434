// Networks from OpenVINO IR: those of the tiny model as others exported it, and those that are written here.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <openvino/core/graph_util.hpp>
#include <openvino/core/preprocess/pre_post_process.hpp>
#include <openvino/op/constant.hpp>
#include <openvino/op/convert.hpp>
#include <openvino/op/convolution.hpp>
#include <openvino/op/divide.hpp>
#include <openvino/op/multiply.hpp>
#include <openvino/runtime/core.hpp>

#include "ir/writer.h"
#include "pipeline/open_networks.h"
#include "runtime/denoiser.h"
#include "runtime/text_encoder.h"
#include "runtime/vae.h"
#include "support/files.h"
#include "support/stages.h"
#include "weights/precision.h"
#include "weights/safetensors.h"

namespace easel {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryFolder;

const char* const of_2022 = "golden/tiny/ir-2022";
const char* const optimum = "golden/tiny/ir-optimum";
const char* const diffusers = "golden/tiny/diffusers";

using testing::greatest_difference;
using testing::stage;

Runtime exact_runtime() { return Runtime{{.precision = "f32"}}; }

// Each compares with what PyTorch gives, at latents of 8x8.

void expect_text_agreement(const ModelNetworks& source) {
    Runtime runtime = exact_runtime();
    const auto all_ids = stage<std::int64_t>("text.ids");
    const std::vector<int> ids(all_ids.begin(), all_ids.begin() + 77);
    TextEncoder encoder(runtime, source.text_encoder, {1});
    const auto embedding = stage<float>("text.clip_skip_0");
    EXPECT_LE(greatest_difference(encoder.encode(ids, TextEncoder::State::last, {}),
                                  std::span(embedding).first(embedding.size() / 4)),
              1e-4f);
}

/// `timesteps` are names in the golden data.
void expect_unet_agreement(const ModelNetworks& source, const std::vector<std::string>& timesteps = {"981"},
                           const std::vector<int>& numbers_of_rows = {2}, float bound = 1e-3f) {
    Runtime runtime = exact_runtime();
    // Both rows have their own latents in the golden data; here they share the first one's.
    const auto context = stage<float>("unet.context"), sample = stage<float>("unet.8x8.sample");
    for (const int rows : numbers_of_rows) {
        Denoiser denoiser(runtime, source.unet, {.latents = {8, 8}, .rows = rows});
        denoiser.condition(
            testing::conditioning(std::span(context).first(context.size() / 2 * static_cast<std::size_t>(rows)), rows));
        for (const std::string& timestep : timesteps) {
            const auto expected = stage<float>(fmt::format("unet.8x8.t{}.output", timestep));
            const auto predicted =
                denoiser.predict(std::span(sample).first(sample.size() / 2), std::stod(timestep), 0, {});
            ASSERT_EQ(predicted.size(), expected.size() / 2 * static_cast<std::size_t>(rows));
            EXPECT_LE(greatest_difference(predicted.first(expected.size() / 2),
                                          std::span(expected).first(expected.size() / 2)),
                      bound)
                << rows << " rows, timestep " << timestep;
        }
    }
}

void expect_vae_agreement(const ModelNetworks& source) {
    Runtime runtime = exact_runtime();
    VaeEncoder encoder(runtime, source.vae_encoder, {8, 8});
    EXPECT_LE(greatest_difference(encoder.encode(stage<float>("vae.8x8.picture"), {}), stage<float>("vae.8x8.moments")),
              1e-3f);
    std::vector<float> latents = stage<float>("vae.8x8.latents");
    if (source.facts.latents.decoder_unscales)
        for (float& value : latents) value *= static_cast<float>(source.facts.latents.scaling_factor);
    VaeDecoder decoder(runtime, source.vae_decoder, {8, 8});
    EXPECT_LE(greatest_difference(decoder.decode(latents, {}), stage<float>("vae.8x8.decoded")), 1e-3f);
}

void expect_agreement(const ModelNetworks& source, const std::vector<std::string>& timesteps = {"981"}) {
    expect_text_agreement(source);
    expect_unet_agreement(source, timesteps, {1, 2});
    expect_vae_agreement(source);
}

TEST(IrNetworks, ThoseOf2022AgreeWithTorch) {
    const auto source = open_networks(of_2022);
    EXPECT_TRUE(source.facts.sizes.fixed);
    EXPECT_TRUE(source.facts.latents.decoder_unscales);
    EXPECT_EQ(source.facts.sizes.native, (LatentSize{8, 8}));
    EXPECT_EQ(source.facts.latents.downsampling, 8);
    EXPECT_EQ(source.facts.text.vocabulary_size, 49408);
    EXPECT_FALSE(source.facts.text.layers);
    EXPECT_EQ(source.facts.identity.description,
              "Stable Diffusion 1.x, OpenVINO IR (the layout of 2022), 64x64 pixels only, 3.1 MB");
    expect_agreement(source, {"981", "637.25"});
}

TEST(IrNetworks, ThoseOfOptimumAgreeWithTorch) {
    const auto source = open_networks(optimum);
    EXPECT_FALSE(source.facts.sizes.fixed);
    EXPECT_FALSE(source.facts.latents.decoder_unscales);
    EXPECT_EQ(source.facts.latents.scaling_factor, 0.18215);
    EXPECT_EQ(source.facts.sizes.step, 4);
    expect_agreement(source);
}

TEST(IrNetworks, FractionOfATimestepIsRoundedWhereTheNetworkTakesWholeOnes) {
    const auto source = open_networks(optimum);
    const auto unet = source.unet.graph({{8, 8}, 2}, NetworkForm::fast);
    EXPECT_EQ(unet.encode_timestep(636.75), std::vector{637.0f});
    EXPECT_EQ(unet.encode_timestep(637.25), std::vector{637.0f});
    EXPECT_EQ(open_networks(of_2022).unet.graph({{8, 8}, 2}, NetworkForm::fast).encode_timestep(637.25),
              std::vector{637.25f});
}

/// A writable copy of one of the golden folders.
class CopyOf {
  public:
    explicit CopyOf(const char* folder) { fs::copy(folder, path(), fs::copy_options::recursive); }
    fs::path path() const { return place_ / "model"; }
    fs::path operator/(const char* name) const { return path() / name; }

    /// Changes a network in place.
    void edit(const std::string& stem, const std::function<void(std::shared_ptr<ov::Model>&)>& change) const {
        auto model = ov::Core().read_model((path() / (stem + ".xml")).string());
        change(model);
        ov::save_model(model, (place_ / "edited.xml").string(), false);
        model.reset();  // its weights are mapped
        fs::rename(place_ / "edited.xml", path() / (stem + ".xml"));
        fs::rename(place_ / "edited.bin", path() / (stem + ".bin"));
    }

    std::string refusal() const {
        return testing::sentence_of([&] { open_networks(path()); });
    }

  private:
    TemporaryFolder place_;
};

void remove_division(std::shared_ptr<ov::Model>& decoder) {
    for (const auto& node : decoder->get_ops())
        if (ov::is_type<ov::op::v1::Divide>(node.get()) &&
            ov::is_type<ov::op::v0::Parameter>(node->get_input_node_ptr(0))) {
            node->output(0).replace(node->input_value(0));
            return;
        }
    FAIL() << "there is no division at the decoder's beginning";
}

TEST(IrNetworks, DecoderWithoutTheDivisionIsToldFromOneWithIt) {
    const CopyOf copy(of_2022);
    copy.edit("vae_decoder", remove_division);
    const auto source = open_networks(copy.path());
    EXPECT_FALSE(source.facts.latents.decoder_unscales);
    EXPECT_EQ(source.facts.latents.scaling_factor, 0.18215);
    expect_vae_agreement(source);
}

TEST(IrNetworks, DivisionMayBeWrittenAsAProduct) {
    const CopyOf copy(of_2022);
    copy.edit("vae_decoder", [](std::shared_ptr<ov::Model>& decoder) {
        remove_division(decoder);
        const ov::Output<ov::Node> latents = decoder->get_parameters().front();
        const auto consumers = latents.get_target_inputs();
        const auto factor = ov::op::v0::Constant::create(ov::element::f16, ov::Shape{1}, {1.0 / 0.18215});
        const auto product = std::make_shared<ov::op::v1::Multiply>(
            std::make_shared<ov::op::v0::Convert>(factor, ov::element::f32), latents);
        for (ov::Input<ov::Node> consumer : consumers) consumer.replace_source_output(product);
    });
    const auto source = open_networks(copy.path());
    EXPECT_TRUE(source.facts.latents.decoder_unscales);
    EXPECT_EQ(source.facts.latents.scaling_factor, 0.18215);  // not what f16 makes of it
}

/// Multiplies the weights of the decoder's first convolution, as converters do with a factor before it.
void fold_division(std::shared_ptr<ov::Model>& decoder) {
    remove_division(decoder);
    for (const auto& node : decoder->get_ordered_ops()) {
        if (!ov::is_type<ov::op::v1::Convolution>(node.get())) continue;
        const ov::Output<ov::Node> weights = node->input_value(1);
        const ov::Node* stored = weights.get_node();
        if (ov::is_type<ov::op::v0::Convert>(stored)) stored = stored->get_input_node_ptr(0);
        std::vector<float> values = ov::as_type<const ov::op::v0::Constant>(stored)->cast_vector<float>();
        for (float& value : values) value /= 0.18215f;
        node->input(1).replace_source_output(
            ov::op::v0::Constant::create(ov::element::f32, weights.get_shape(), values));
        return;
    }
}

TEST(IrNetworks, DivisionFoldedIntoWeightsIsFoundByTryingItOut) {
    const TemporaryFolder place;
    write_ir(Checkpoint::open("../models/emoji"), IrFolder::Kind::openvino_2022, place.path(), {});
    EXPECT_TRUE(open_networks(place.path()).facts.latents.decoder_unscales);
    const CopyOf folded(place.path().c_str()), without(place.path().c_str());
    folded.edit("vae_decoder", fold_division);
    EXPECT_TRUE(open_networks(folded.path()).facts.latents.decoder_unscales);
    without.edit("vae_decoder", remove_division);
    EXPECT_FALSE(open_networks(without.path()).facts.latents.decoder_unscales);
}

TEST(IrNetworks, InputsAreFoundByShapeAndTypeWhereNoNameIsKnown) {
    const CopyOf copy(of_2022);
    const auto rename_all = [](std::shared_ptr<ov::Model>& model) {
        int number = 0;
        for (const auto& parameter : model->get_parameters()) {
            const std::string name = fmt::format("x{}", number++);
            parameter->set_friendly_name(name);
            parameter->output(0).set_names({name});
        }
    };
    for (const char* stem : {"text_encoder", "unet", "vae_decoder", "vae_encoder"}) copy.edit(stem, rename_all);
    expect_agreement(open_networks(copy.path()));
}

TEST(IrNetworks, TimestepMayBeOfAnyType) {
    for (const auto& type : {ov::element::f64, ov::element::i64, ov::element::i32, ov::element::f16}) {
        const CopyOf copy(of_2022);
        copy.edit("unet", [&](std::shared_ptr<ov::Model>& unet) {
            ov::preprocess::PrePostProcessor processor(unet);
            processor.input("t").tensor().set_element_type(type);
            unet = processor.build();
        });
        expect_unet_agreement(open_networks(copy.path()));
    }
}

TEST(IrNetworks, MismatchNamesWhatIsThereAndWhatIsNeeded) {
    const CopyOf copy(of_2022);
    fs::copy(copy / "vae_encoder.xml", copy / "unet.xml", fs::copy_options::overwrite_existing);
    fs::copy(copy / "vae_encoder.bin", copy / "unet.bin", fs::copy_options::overwrite_existing);
    EXPECT_EQ(copy.refusal(), (copy / "unet.xml").string() +
                                  ": its inputs are init_image f32 [1,3,64,64], but sample real [?,?,?,?]; timestep of "
                                  "any type [1]; encoder_hidden_states real [?,77,?] are needed");
}

TEST(IrNetworks, EncoderThatIsNoneIsRefused) {
    const CopyOf copy(of_2022);
    fs::copy(copy / "vae_decoder.xml", copy / "vae_encoder.xml", fs::copy_options::overwrite_existing);
    fs::copy(copy / "vae_decoder.bin", copy / "vae_encoder.bin", fs::copy_options::overwrite_existing);
    const std::string sentence = testing::sentence_of([&] { open_networks(copy.path()).vae_encoder.graph({8, 8}); });
    EXPECT_NE(sentence.find("vae_encoder.xml: its inputs are latents f32 [1,4,8,8]"), std::string::npos) << sentence;
}

TEST(IrNetworks, InputsOfUnknownRankAreRefused) {
    const CopyOf copy(of_2022);
    copy.edit("vae_decoder", [](std::shared_ptr<ov::Model>& decoder) {
        decoder->get_parameters().front()->set_partial_shape(ov::PartialShape::dynamic());
        decoder->validate_nodes_and_infer_types();
    });
    EXPECT_NE(copy.refusal().find("its inputs are latents f32 [...], but latent_sample real [1,4,?,?] are needed"),
              std::string::npos)
        << copy.refusal();
}

TEST(IrNetworks, BrokenFilesBecomeOneSentence) {
    const CopyOf copy(of_2022);
    const std::string sound = testing::read_file(copy / "unet.xml");
    const std::string path = (copy / "unet.xml").string();
    const auto refusal_of = [&](std::string xml) {
        testing::write_file(copy / "unet.xml", xml);
        const std::string sentence = copy.refusal();
        EXPECT_TRUE(sentence.starts_with(path + ": ")) << sentence;
        EXPECT_EQ(sentence.find('\n'), std::string::npos) << sentence;
        return sentence;
    };
    const auto replaced = [&](const std::string& what, const std::string& by) {
        std::string xml = sound;
        xml.replace(xml.find(what), what.size(), by);
        return xml;
    };
    EXPECT_NE(refusal_of(sound.substr(0, sound.size() / 2)).find("not readable XML"), std::string::npos);
    EXPECT_NE(refusal_of(replaced("type=\"Convolution\"", "type=\"MatMul\"")).find("OpenVINO cannot read it"),
              std::string::npos);
    EXPECT_NE(refusal_of(replaced("strides=\"1, 1\"", "strides=\"0, 1\"")), "");
    EXPECT_NE(refusal_of(replaced("from-port=\"0\"", "from-port=\"99\"")), "");
    fs::resize_file(copy / "unet.bin", 1000);
    EXPECT_NE(refusal_of(sound).find("reaches beyond the 1000 bytes"), std::string::npos);
}

TEST(IrNetworks, MissingEncoderIsMissedOnlyWhenAPictureIsBegunFrom) {
    const CopyOf copy(of_2022);
    fs::remove(copy / "vae_encoder.xml");
    const auto source = open_networks(copy.path());
    EXPECT_NO_THROW(source.vae_decoder.graph({8, 8}));
    EXPECT_EQ(testing::sentence_of([&] {
                  source.vae_encoder.graph({8, 8});
              }),
              (copy / "vae_encoder.xml").string() +
                  ": is missing, and without the VAE's encoder no picture can be begun from");
}

TEST(IrNetworks, SizeAndLayerThatTheyDoNotHaveAreRefused) {
    const auto fixed = open_networks(of_2022);
    EXPECT_NE(testing::sentence_of([&] {
                  fixed.unet.graph({{8, 9}, 2}, NetworkForm::fast);
              }).find("is needed"),
              std::string::npos);
    EXPECT_NE(testing::sentence_of([&] { fixed.text_encoder.graph({2}); }).find("`clip_skip` 2"), std::string::npos);
    const auto any = open_networks(optimum);
    EXPECT_NO_THROW(any.unet.graph({{12, 8}, 2}, NetworkForm::fast));
    EXPECT_NE(testing::sentence_of([&] {
                  any.unet.graph({{9, 8}, 2}, NetworkForm::fast);
              }).find("multiples of 32"),
              std::string::npos);
}

class IrWriter : public ::testing::TestWithParam<IrFolder::Kind> {};

TEST_P(IrWriter, WhatIsWrittenAgreesWithTorch) {
    const TemporaryFolder place;
    const Checkpoint checkpoint = Checkpoint::open(diffusers);
    write_ir(checkpoint, GetParam(), place.path(), {});
    if (GetParam() == IrFolder::Kind::optimum)
        for (const char* part : {"unet", "text_encoder", "vae_decoder", "vae_encoder"})
            fs::copy(fs::path(optimum) / part / "config.json", place.path() / part / "config.json");
    fs::copy(fs::path(optimum) / "model_index.json", place.path() / "model_index.json");
    const auto source = open_networks(place.path());
    EXPECT_EQ(source.facts.sizes.fixed, GetParam() == IrFolder::Kind::openvino_2022);
    EXPECT_EQ(source.facts.latents.decoder_unscales, GetParam() == IrFolder::Kind::openvino_2022);
    expect_agreement(source);
}

TEST_P(IrWriter, RoundingTheWeightsToF16LeavesTheTimestepExact) {
    const TemporaryFolder place;
    // All weights of the tiny model are f16 numbers, so nothing but a rounded frequency could differ.
    write_ir(converted_to(DType::F16, Checkpoint::open(diffusers), {}), GetParam(), place.path(), {});
    const fs::path unet =
        GetParam() == IrFolder::Kind::optimum ? place.path() / "unet/openvino_model.bin" : place.path() / "unet.bin";
    EXPECT_LT(fs::file_size(unet), 1'300'000u);  // 2.2 MB in f32
    if (GetParam() == IrFolder::Kind::openvino_2022)
        expect_unet_agreement(open_networks(place.path()), {"981"}, {2}, 1e-4f);
}

TEST_P(IrWriter, WeightsOf16BitsCarryTheMarkOfOtherConverters) {
    const TemporaryFolder place;
    write_ir(converted_to(DType::F16, Checkpoint::open(diffusers), {}), GetParam(), place.path(), {});
    const fs::path unet =
        GetParam() == IrFolder::Kind::optimum ? place.path() / "unet/openvino_model.xml" : place.path() / "unet.xml";
    EXPECT_NE(testing::read_file(unet).find("<attribute name=\"decompression\" version=\"0\""), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Kinds, IrWriter, ::testing::Values(IrFolder::Kind::optimum, IrFolder::Kind::openvino_2022),
                         [](const auto& kind) {
                             return std::string(kind.param == IrFolder::Kind::optimum ? "Optimum" : "Of2022");
                         });

}  // namespace
}  // namespace easel
