#include "ir/writer.h"

#include <map>
#include <memory>

#include <openvino/core/graph_util.hpp>
#include <openvino/core/preprocess/pre_post_process.hpp>
#include <openvino/op/constant.hpp>
#include <openvino/op/divide.hpp>

#include <easel/easel.h>

#include "base/error.h"
#include "networks/clip_text.h"
#include "networks/unet.h"
#include "networks/vae.h"
#include "runtime/reason.h"
#include "weights/family.h"

namespace easel {
namespace fs = std::filesystem;
namespace {

using Graph = std::shared_ptr<ov::Model>;

/// Replaces the names of an input or output with one.
void name_input(const Graph& graph, std::size_t index, const char* name) {
    graph->input(index).set_names({name});
    graph->get_parameters()[index]->set_friendly_name(name);
}

void take_whole_numbers_of(const Graph& graph, const ov::element::Type& type) {
    ov::preprocess::PrePostProcessor processor(graph);
    processor.input(0).tensor().set_element_type(type);
    processor.build();
}

/// Divides the only input before all else.
void divide_input(const Graph& graph, double divisor) {
    const ov::Output<ov::Node> values = graph->get_parameters().front();
    const auto consumers = values.get_target_inputs();
    const auto divided = std::make_shared<ov::op::v1::Divide>(
        values, ov::op::v0::Constant::create(ov::element::f32, ov::Shape{}, {divisor}));
    for (ov::Input<ov::Node> consumer : consumers) consumer.replace_source_output(divided);
}

void save(const Graph& graph, const fs::path& xml) {
    fs::create_directories(xml.parent_path());
    try {
        ov::save_model(graph, xml.string(), /*compress_to_fp16=*/false);
    } catch (const std::exception& error) {
        fail("{}: cannot be written ({})", xml.string(), reason(error));
    }
}

Graph text_encoder(const Checkpoint& checkpoint) {
    return build_clip_text(checkpoint.text_encoder.weights, checkpoint.text_encoder.config);
}

Graph unet(const Checkpoint& checkpoint, const ov::element::Type& timestep_type) {
    return build_unet(checkpoint.unet.weights, checkpoint.unet.config,
                      {.inputs = UNetInputs::each_row, .timestep_type = timestep_type});
}

Graph vae_decoder(const Checkpoint& checkpoint) {
    return build_vae_decoder(checkpoint.vae.weights, checkpoint.vae.config);
}

Graph vae_encoder(const Checkpoint& checkpoint) {
    return build_vae_encoder(checkpoint.vae.weights, checkpoint.vae.config);
}

// The networks of each kind.

Graph optimum_text_encoder(const Checkpoint& checkpoint) {
    Graph graph = text_encoder(checkpoint);
    take_whole_numbers_of(graph, ov::element::i64);
    name_input(graph, 0, "input_ids");
    return graph;
}

Graph optimum_unet(const Checkpoint& checkpoint) { return unet(checkpoint, ov::element::i64); }

Graph optimum_vae_decoder(const Checkpoint& checkpoint) {
    Graph graph = vae_decoder(checkpoint);
    name_input(graph, 0, "latent_sample");
    return graph;
}

Graph optimum_vae_encoder(const Checkpoint& checkpoint) {
    Graph graph = vae_encoder(checkpoint);
    graph->output().set_names({"latent_parameters"});
    return graph;
}

Graph text_encoder_of_2022(const Checkpoint& checkpoint) {
    Graph graph = text_encoder(checkpoint);
    name_input(graph, 0, "tokens");
    graph->reshape(ov::PartialShape{1, checkpoint.text_encoder.config.max_position_embeddings});
    return graph;
}

Graph unet_of_2022(const Checkpoint& checkpoint) {
    const UNetConfig& config = checkpoint.unet.config;
    Graph graph = unet(checkpoint, ov::element::f32);
    name_input(graph, 0, "latent_model_input");
    name_input(graph, 1, "t");
    const int tokens = checkpoint.text_encoder.config.max_position_embeddings;
    graph->reshape({{graph->input(0), {2, config.in_channels, config.sample_size, config.sample_size}},
                    {graph->input(1), ov::PartialShape{}},
                    {graph->input(2), {2, tokens, config.cross_attention_dim}}});
    return graph;
}

Graph vae_decoder_of_2022(const Checkpoint& checkpoint) {
    const int side = checkpoint.unet.config.sample_size;
    Graph graph = vae_decoder(checkpoint);
    divide_input(graph, checkpoint.vae.config.scaling_factor);
    graph->reshape(ov::PartialShape{1, checkpoint.vae.config.latent_channels, side, side});
    return graph;
}

Graph vae_encoder_of_2022(const Checkpoint& checkpoint) {
    const int side = checkpoint.unet.config.sample_size * checkpoint.vae.config.downsampling();
    Graph graph = vae_encoder(checkpoint);
    name_input(graph, 0, "init_image");
    graph->reshape(ov::PartialShape{1, checkpoint.vae.config.in_channels, side, side});
    return graph;
}

struct Part {
    const char* name;
    Graph (*optimum)(const Checkpoint&);
    Graph (*of_2022)(const Checkpoint&);
};

constexpr Part parts[] = {
    {"text_encoder", optimum_text_encoder, text_encoder_of_2022},
    {"unet", optimum_unet, unet_of_2022},
    {"vae_decoder", optimum_vae_decoder, vae_decoder_of_2022},
    {"vae_encoder", optimum_vae_encoder, vae_encoder_of_2022},
};

}  // namespace

void write_ir(const Checkpoint& checkpoint, IrFolder::Kind kind, const fs::path& folder, std::stop_token stop) {
    if (checkpoint.unet.config.time_cond_proj_dim > 0)
        fail(ErrorKind::unsupported, "{}: its UNet takes the guidance scale, which is not written as OpenVINO IR",
             checkpoint.path.string());
    const UNetVariant* variant =
        unet_variant(checkpoint.unet.config.in_channels, checkpoint.vae.config.latent_channels);
    if (variant && !variant->name.empty())
        fail(ErrorKind::unsupported, "{}: is {}, which is not written as OpenVINO IR", checkpoint.path.string(),
             variant->name);
    for (const Part& part : parts) {
        if (kind == IrFolder::Kind::optimum)
            save(part.optimum(checkpoint), folder / part.name / "openvino_model.xml");
        else
            save(part.of_2022(checkpoint), folder / (std::string(part.name) + ".xml"));
        if (stop.stop_requested()) throw Cancelled();
    }
}

}  // namespace easel
