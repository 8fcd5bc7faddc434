#include "ir/facts.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numeric>
#include <span>
#include <vector>

#include <fmt/format.h>
#include <openvino/core/except.hpp>
#include <openvino/op/constant.hpp>
#include <openvino/op/convert.hpp>
#include <openvino/op/divide.hpp>
#include <openvino/op/multiply.hpp>
#include <openvino/op/util/gather_base.hpp>
#include <openvino/runtime/core.hpp>
#include <openvino/runtime/properties.hpp>

#include "base/error.h"
#include "ir/graphs.h"
#include "ir/ports.h"
#include "runtime/reason.h"
#include "weights/family.h"
#include "weights/few_steps.h"

namespace easel {
namespace {

using Port = ov::Output<ov::Node>;

/// Rows of the largest lookup table: the token table.
std::optional<int> vocabulary_size(const ov::Model& text_encoder, int token_count) {
    std::int64_t largest = 0;
    for (const auto& node : text_encoder.get_ops()) {
        if (!ov::is_type<ov::op::util::GatherBase>(node)) continue;
        const ov::PartialShape& table = node->get_input_partial_shape(0);
        if (table.rank().compatible(2) && table.rank().is_static() && table[0].is_static())
            largest = std::max(largest, table[0].get_length());
    }
    return largest > token_count ? std::optional(static_cast<int>(largest)) : std::nullopt;
}

void learn_sizes(ModelFacts& facts, const IrFolder& folder, const IrNetworkSet& networks) {
    const auto& [unet, unet_where, unet_weights] = networks.unet;
    const ov::PartialShape sample = find_inputs(*unet, unet_inputs(facts), unet_where)[0].get_partial_shape();
    const ov::Dimension channels = unet_channels(facts);
    if (!sample[1].compatible(channels))
        fail("{}: its UNet takes {} channels, but {} are needed", unet_where, sample[1].to_string(),
             channels.to_string());
    facts.sizes.native = {64, 64};
    if (folder.vae_config) facts.latents.downsampling = folder.vae_config->downsampling();
    if (folder.unet_config) {
        facts.sizes.native = {folder.unet_config->sample_size, folder.unet_config->sample_size};
        // A traced UNet doubles on the way up, so each halving on the way down must be even.
        facts.sizes.step = 1 << (folder.unet_config->level_count() - 1);
    }
    facts.sizes.fixed = sample[2].is_static() && sample[3].is_static();
    const IrNetwork& decoder = networks.vae_decoder;
    const ov::PartialShape picture = find_output(*decoder.model, "sample", 4, decoder.where).get_partial_shape();
    if (facts.sizes.fixed) {
        facts.sizes.native = {static_cast<int>(sample[2].get_length()), static_cast<int>(sample[3].get_length())};
        facts.sizes.step = 1;
        if (picture[2].is_static() && facts.sizes.native.height > 0)
            facts.latents.downsampling = static_cast<int>(picture[2].get_length()) / facts.sizes.native.height;
    }
    if (facts.latents.downsampling < 1 || facts.sizes.native.height < 1 || facts.sizes.native.width < 1)
        fail("{}: its pictures of {} do not go with latents of {}", decoder.where, picture.to_string(),
             sample.to_string());
}

/// What the configs say of the networks.
void learn_kind(ModelFacts& facts, const IrFolder& folder) {
    const FamilyRow& row = row_of(folder.family);
    facts.text.is_double = folder.text_encoder_2.has_value();
    facts.text.is_pooled = row.has_added_conditions();
    facts.text.zeros_for_no_negative = folder.zeros_for_no_negative;
    facts.takes_aesthetic_score = row.takes_aesthetic_score();
    if (row.has_added_conditions()) {
        facts.latents.colours = stable_diffusion_xl_colours();
        // Their networks give all states.
        facts.text.layers = folder.text_encoder_config->num_hidden_layers;
        if (folder.text_encoder_2_config)
            facts.text.layers = std::min(*facts.text.layers, folder.text_encoder_2_config->num_hidden_layers);
        facts.text.first_width = folder.text_encoder_config->hidden_size;
    }
    if (!folder.unet_config || !folder.vae_config) return;
    facts.latents.channels = folder.vae_config->latent_channels;
    facts.latents.overflows_in_f16 = folder.vae_config->force_upcast;
    facts.takes_guidance = folder.unet_config->time_cond_proj_dim > 0;
    facts.few_steps = few_steps_of(folder.name, folder.family, folder.scheduler_config, facts.takes_guidance);
    facts.text.width = folder.unet_config->cross_attention_dim;
    const UNetVariant* variant = unet_variant(folder.unet_config->in_channels, facts.latents.channels);
    if (!variant || !variant->is_drawn)
        fail(ErrorKind::unsupported, "{}: its UNet takes {} channels{}{}, which is not supported; plain models are",
             folder.path.string(), folder.unet_config->in_channels, variant ? " and is that of " : "",
             variant ? variant->name : "");
    facts.masking = variant->masking;
    facts.guidance = variant->guidance;
}

/// The constant behind `value` where it is a single number.
std::optional<double> single_number(const Port& value) {
    const ov::Node* node = value.get_node();
    if (ov::is_type<ov::op::v0::Convert>(node)) node = node->get_input_node_ptr(0);
    const auto* constant = ov::as_type<const ov::op::v0::Constant>(node);
    if (!constant || ov::shape_size(constant->get_shape()) != 1) return std::nullopt;
    return constant->cast_vector<double>().front();
}

/// The factor by which a network multiplies its input before anything else.
double leading_factor(Port values) {
    double factor = 1.0;
    while (values.get_target_inputs().size() == 1) {
        const ov::Input<ov::Node> consumer = *values.get_target_inputs().begin();
        ov::Node* const node = consumer.get_node();
        if (ov::is_type<ov::op::v1::Multiply>(node)) {
            const auto number = single_number(node->input_value(1 - consumer.get_index()));
            if (!number) break;
            factor *= *number;
        } else if (ov::is_type<ov::op::v1::Divide>(node) && consumer.get_index() == 0) {
            const auto number = single_number(node->input_value(1));
            if (!number) break;
            factor /= *number;
        } else if (!ov::is_type<ov::op::v0::Convert>(node)) {
            break;
        }
        values = node->output(0);
    }
    return factor;
}

/// A picture with smooth and sharp parts, [3, height, width] in -1..1.
std::vector<float> test_picture(std::size_t height, std::size_t width) {
    std::vector<float> values;
    for (std::size_t channel = 0; channel < 3; ++channel)
        for (std::size_t y = 0; y < height; ++y)
            for (std::size_t x = 0; x < width; ++x) {
                const double u = static_cast<double>(x) / static_cast<double>(width);
                const double v = static_cast<double>(y) / static_cast<double>(height);
                const bool inside = std::hypot(u - 0.5, v - 0.4) < 0.2;
                values.push_back(static_cast<float>(inside ? 0.8 - 0.6 * static_cast<double>(channel)
                                                           : (channel == 1 ? v : u) * 1.2 - 0.6));
            }
    return values;
}

std::vector<float> run_once(const std::shared_ptr<ov::Model>& model, std::vector<float> input) {
    ov::Core core;
    auto request =
        core.compile_model(model, "CPU", ov::hint::inference_precision(ov::element::f32)).create_infer_request();
    request.set_input_tensor(ov::Tensor(ov::element::f32, model->input().get_shape(), input.data()));
    request.infer();
    const ov::Tensor output = request.get_output_tensor(0);
    return {output.data<const float>(), output.data<const float>() + output.get_size()};
}

double mean_distance(std::span<const float> a, std::span<const float> b) {
    return std::transform_reduce(a.begin(), a.end(), b.begin(), 0.0, std::plus(),
                                 [](float x, float y) { return std::abs(static_cast<double>(x) - y); }) /
           static_cast<double>(a.size());
}

/// A converter may have merged the factor with the weights after it, where it is not visible. Then only a picture that
/// passes through encoder and decoder shows it: it comes back unchanged either with the scaling or without.
bool decodes_better_scaled(const ModelFacts& facts, const IrNetwork& vae_encoder, const IrNetwork& vae_decoder) {
    try {
        const auto encoder = ir::vae_encoder(vae_encoder, facts, facts.sizes.native);
        const auto decoder = ir::vae_decoder(vae_decoder, facts, facts.sizes.native);
        const ov::Shape shape = encoder->input().get_shape();
        const std::vector<float> picture = test_picture(shape[2], shape[3]);
        std::vector<float> latents = run_once(encoder, picture);
        latents.resize(latents.size() / 2);
        const double plain = mean_distance(run_once(decoder, latents), picture);
        for (float& value : latents) value *= static_cast<float>(facts.latents.scaling_factor);
        return mean_distance(run_once(decoder, latents), picture) < plain;
    } catch (const ov::Exception& error) {
        fail("{}: could not be tested ({})", vae_decoder.where, reason(error));
    }
}

void learn_scaling(ModelFacts& facts, const IrFolder& folder, const IrNetworkSet& networks) {
    if (folder.vae_config) {
        facts.latents.scaling_factor = folder.vae_config->scaling_factor;
        facts.latents.shift_factor = folder.vae_config->shift_factor;
    }
    const IrNetwork& decoder = networks.vae_decoder;
    const double factor =
        leading_factor(find_inputs(*decoder.model, vae_decoder_inputs(facts.latents.channels), decoder.where)[0]);
    if (!(factor > 0.0) || !std::isfinite(factor))
        fail("{}: it multiplies its latents by {}, which makes no sense", decoder.where, factor);
    facts.latents.decoder_unscales = factor != 1.0;
    // The factor in the graph may have been rounded to f16.
    if (facts.latents.decoder_unscales && std::abs(factor * facts.latents.scaling_factor - 1.0) > 0.01)
        facts.latents.scaling_factor = 1.0 / factor;
    if (!facts.latents.decoder_unscales && !folder.vae_config && networks.vae_encoder)
        facts.latents.decoder_unscales = decodes_better_scaled(facts, *networks.vae_encoder, decoder);
}

std::uint64_t weight_bytes(const IrNetworkSet& networks) {
    std::uint64_t bytes = networks.vae_encoder ? networks.vae_encoder->weights->bytes().size() : 0;
    if (networks.text_encoder_2) bytes += networks.text_encoder_2->weights->bytes().size();
    for (const IrNetwork* network : {&networks.text_encoder, &networks.unet, &networks.vae_decoder})
        bytes += network->weights->bytes().size();
    return bytes;
}

std::string description(const ModelFacts& facts) {
    const char* const kind = facts.edits_pictures()                  ? ", an InstructPix2Pix model"
                             : facts.masking == Masking::in_the_unet ? ", an inpainting model"
                             : facts.takes_guidance                  ? ", takes the guidance scale (LCM)"
                                                                     : "";
    const int downsampling = facts.latents.downsampling;
    const LatentSize& native = facts.sizes.native;
    const std::string size =
        facts.sizes.fixed ? fmt::format("{}x{} pixels only", downsampling * native.width, downsampling * native.height)
                          : "any size";
    return fmt::format("{}{}, {}, {}, {:.1f} MB", facts.identity.family, kind, facts.identity.layout, size,
                       static_cast<double>(facts.identity.weight_bytes) / 1e6);
}

}  // namespace

int text_width(const IrNetworkSet& networks, const ModelFacts& facts) {
    const auto& [encoder, encoder_where, encoder_weights] = networks.text_encoder;
    const auto& [unet, where, unet_weights] = networks.unet;
    const Port text = find_inputs(*unet, unet_inputs(facts), where)[2];
    const Port state = find_output(*encoder, "last_hidden_state", 3, encoder_where);
    ov::Dimension width = text.get_partial_shape()[2];
    if (!networks.text_encoder_2 &&
        !ov::Dimension::merge(width, text.get_partial_shape()[2], state.get_partial_shape()[2]))
        fail("{}: its input is {}, but the text encoder's output is {}; they do not belong together", where,
             shown(text), shown(state));
    if (width.is_dynamic())
        fail("{}: its input {} does not fix the width of the text's embeddings", where, shown(text));
    return static_cast<int>(width.get_length());
}

ModelFacts facts_of(const IrFolder& folder, const IrNetworkSet& networks) {
    const bool by_optimum = folder.kind == IrFolder::Kind::optimum;
    ModelFacts facts{
        .identity = {.path = folder.path,
                     .name = folder.name,
                     .family = std::string(row_of(folder.family).name),
                     .layout = by_optimum ? "OpenVINO IR (optimum-intel's layout)" : "OpenVINO IR (the layout of 2022)",
                     .weight_bytes = weight_bytes(networks)},
        .latents = {.colours = stable_diffusion_1_colours()},
        .scheduler_config = folder.scheduler_config,
        .easel_json = folder.easel_json,
        .notes = folder.notes};
    facts.text.vocabulary_size = vocabulary_size(*networks.text_encoder.model, facts.text.token_count);
    learn_kind(facts, folder);
    learn_sizes(facts, folder, networks);
    learn_scaling(facts, folder, networks);
    facts.identity.description = description(facts);
    return facts;
}

}  // namespace easel
