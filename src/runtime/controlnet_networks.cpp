#include <map>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "networks/controlnet.h"
#include "networks/weight_use.h"
#include "runtime/network_source.h"

namespace easel {

ControlNetNetworks networks_of(Network<ControlNetConfig> network, int tokens, std::vector<std::string>& notes) {
    const WeightUse use(network.weights);
    const auto fast = build_controlnet(use.weights(), network.config);
    const auto embedding = build_control_embedding(use.weights(), network.config);
    if (auto note = use.note()) notes.push_back(*std::move(note));

    ControlNetNetworks networks{.config = network.config};
    networks.weight_that_is_not_finite = [weights = network.weights]() -> std::optional<std::string> {
        const auto name = easel::weight_that_is_not_finite(weights);
        if (!name) return std::nullopt;
        return fmt::format("{}: the {}'s tensor {}", weights.where(), weights.network(), *name);
    };
    networks.embedding.files = networks.residuals.files = network.weights.files();
    networks.embedding.graph = [embedding, pixels = network.config.downsampling()](const LatentSize& size) {
        auto model = embedding->clone();
        model->reshape(ov::PartialShape{1, 3, pixels * size.height, pixels * size.width});
        return model;
    };
    networks.residuals.graph = [network = std::move(network), fast, tokens](const ControlNetKey& key,
                                                                            NetworkForm form) {
        const UNetConfig& config = network.config.unet;
        auto model = form == NetworkForm::fast
                         ? fast->clone()
                         : build_controlnet(network.weights, network.config, UNetInputs::repeated);
        const auto [height, width] = key.latents;
        const int channels = config.levels.front().width;
        std::map<std::string, ov::PartialShape> shapes = {
            {"sample", {1, config.in_channels, height, width}},
            {"encoder_hidden_states", {key.rows, key.chunks * tokens, config.cross_attention_dim}},
            {"embedding", {1, channels, height, width}}};
        if (config.added_conditions > 0) shapes["added_conditions"] = {key.rows, config.added_conditions};
        model->reshape(shapes);
        const auto sinusoids_of_width = [flip = config.flip_sin_to_cos, shift = config.freq_shift](int values) {
            return [=](double number) { return timestep_sinusoid(number, values, flip, shift); };
        };
        UNetGraph result{.model = std::move(model), .encode_timestep = sinusoids_of_width(channels)};
        if (config.added_conditions > 0) result.encode_size = sinusoids_of_width(config.addition_time_embed_dim);
        return result;
    };
    return networks;
}

}  // namespace easel
