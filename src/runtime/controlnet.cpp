#include "runtime/controlnet.h"

#include <algorithm>

#include "base/error.h"
#include "runtime/added_conditions.h"
#include "runtime/unet_inputs.h"

namespace easel {
ControlNet::ControlNet(Runtime& runtime, const ControlNetNetworks& source, const ControlNetKey& key,
                       const std::stop_token& stop)
    : ControlNet(runtime, source, key, source.residuals.graph(key, runtime.form()), stop) {}

ControlNet::ControlNet(Runtime& runtime, const ControlNetNetworks& source, const ControlNetKey& key,
                       const UNetGraph& graph, const std::stop_token& stop)
    : is_bgr_(source.config.is_bgr),
      rows_(static_cast<std::size_t>(key.rows)),
      encode_timestep_(graph.encode_timestep),
      encode_size_(graph.encode_size),
      embedding_(runtime.compile(source.embedding.graph(key.latents), source.embedding.files,
                                 source.embedding.precision, stop)),
      network_(runtime.compile(graph.model, source.residuals.files, source.residuals.precision, stop)) {}

void ControlNet::follow(std::vector<float> picture, const std::stop_token& stop) {
    if (picture == picture_) return;
    const std::span<float> input = embedding_.input(0);
    std::ranges::copy(picture, input.begin());
    if (is_bgr_) {
        const std::size_t plane = input.size() / 3;
        std::ranges::swap_ranges(input.first(plane), input.last(plane));
    }
    std::ranges::copy(embedding_.run(stop), network_.input(UNetInput::embedding).begin());
    picture_ = std::move(picture);
}

void ControlNet::condition(const Conditioning& conditioning) {
    const std::span<float> input = network_.input(UNetInput::encoder_hidden_states);
    const std::size_t row_size = conditioning.text.size() / static_cast<std::size_t>(conditioning.rows);
    const auto text = std::span(conditioning.text).last(rows_ * row_size);
    if (text.size() != input.size())
        fail("the text has {} numbers, but the ControlNet takes {}", text.size(), input.size());
    std::ranges::copy(text, input.begin());
    if (encode_size_)
        write_added_conditions(conditioning, rows_, encode_size_,
                               network_.input(UNetInput::added_conditions_of_control));
}

void ControlNet::predict(std::span<const float> latents, double timestep, const std::stop_token& stop) {
    std::ranges::copy(latents, network_.input(UNetInput::sample).begin());
    std::ranges::copy(encode_timestep_(timestep), network_.input(UNetInput::timestep_values).begin());
    network_.run(stop);
}

}  // namespace easel
