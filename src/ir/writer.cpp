#include "ir/writer.h"

#include <map>
#include <memory>
#include <string>

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
#include "weights/layouts.h"

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
                      {.inputs = UNetInputs::each_row,
                       .timestep_type = timestep_type,
                       .size_ids = row_of(checkpoint.family).size_ids});
}

Graph vae_decoder(const Checkpoint& checkpoint) {
    return build_vae_decoder(checkpoint.vae.weights, checkpoint.vae.config);
}

Graph vae_encoder(const Checkpoint& checkpoint) {
    return build_vae_encoder(checkpoint.vae.weights, checkpoint.vae.config);
}

// The networks of each kind.

/// `projects`: whether its pooled output conditions the UNet.
Graph optimum_text_encoder(const Checkpoint& checkpoint, const Network<TextEncoderConfig>& network, bool projects) {
    Graph graph = row_of(checkpoint.family).has_added_conditions()
                      ? build_clip_text_with_states(network.weights, network.config, projects)
                      : text_encoder(checkpoint);
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

void write_optimum(const Checkpoint& checkpoint, const fs::path& folder, const std::stop_token& stop) {
    const auto write = [&](const char* part, const Graph& graph) {
        save(graph, folder / part / "openvino_model.xml");
        if (stop.stop_requested()) throw Cancelled();
    };
    const auto texts = row_of(checkpoint.family).text_encoders;
    write(first_text_encoder_folder(checkpoint.family).name,
          optimum_text_encoder(checkpoint, checkpoint.text_encoder, texts.front().pooled));
    if (checkpoint.text_encoder_2)
        write(text_encoder_2_folder.name,
              optimum_text_encoder(checkpoint, *checkpoint.text_encoder_2, texts.back().pooled));
    write("unet", optimum_unet(checkpoint));
    write("vae_decoder", optimum_vae_decoder(checkpoint));
    write("vae_encoder", optimum_vae_encoder(checkpoint));
}

void write_2022(const Checkpoint& checkpoint, const fs::path& folder, const std::stop_token& stop) {
    const UNetVariant* variant =
        unet_variant(checkpoint.unet.config.in_channels, checkpoint.vae.config.latent_channels);
    const bool takes_more = row_of(checkpoint.family).has_added_conditions() ||
                            checkpoint.unet.config.time_cond_proj_dim > 0 || (variant && !variant->name.empty());
    if (takes_more)
        fail(ErrorKind::unsupported,
             "{}: its UNet takes more than latents, a time and text, which the OpenVINO folders of 2022 do not have; "
             "ir, diffusers and safetensors can hold it",
             checkpoint.path.string());
    const auto write = [&](const char* part, const Graph& graph) {
        save(graph, folder / (std::string(part) + ".xml"));
        if (stop.stop_requested()) throw Cancelled();
    };
    write("text_encoder", text_encoder_of_2022(checkpoint));
    write("unet", unet_of_2022(checkpoint));
    write("vae_decoder", vae_decoder_of_2022(checkpoint));
    write("vae_encoder", vae_encoder_of_2022(checkpoint));
}

}  // namespace

void write_ir(const Checkpoint& checkpoint, IrFolder::Kind kind, const fs::path& folder, std::stop_token stop) {
    (kind == IrFolder::Kind::optimum ? write_optimum : write_2022)(checkpoint, folder, stop);
}

}  // namespace easel
