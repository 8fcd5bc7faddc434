#include "runtime/denoiser.h"

#include <algorithm>

#include "base/error.h"
#include "runtime/added_conditions.h"
#include "runtime/unet_inputs.h"

namespace easel {
namespace {

MappedFiles joined(MappedFiles files, const MappedFiles& more) {
    files.insert(files.end(), more.begin(), more.end());
    return files;
}

}  // namespace
Denoiser::Denoiser(Runtime& runtime, const UNetSource& source, const UNetKey& key, const std::stop_token& stop)
    : Denoiser(runtime, source, source.graph(key, runtime.form()), stop) {}

Denoiser::Denoiser(Runtime& runtime, const UNetSource& source, const UNetGraph& graph, const std::stop_token& stop)
    : encode_timestep_(graph.encode_timestep),
      encode_guidance_(graph.encode_guidance),
      encode_size_(graph.encode_size),
      network_(runtime.compile(graph.model, joined(source.files, graph.files), source.precision, stop)) {}

void Denoiser::condition(const Conditioning& conditioning) {
    const std::span<float> text = network_.input(UNetInput::encoder_hidden_states);
    if (conditioning.text.size() != text.size())
        fail("the text has {} numbers ({} x {} x {}), but the UNet takes {}", conditioning.text.size(),
             conditioning.rows, conditioning.tokens, conditioning.width, text.size());
    std::ranges::copy(conditioning.text, text.begin());
    if (encode_guidance_) guidance_ = encode_guidance_(conditioning.guidance_scale);
    more_channels_ = conditioning.more_channels;
    condition_on_pictures(conditioning);
    if (encode_size_)
        write_added_conditions(conditioning, static_cast<std::size_t>(conditioning.rows), encode_size_,
                               network_.input(UNetInput::added_conditions));
}

void Denoiser::condition_on_pictures(const Conditioning& conditioning) {
    std::size_t input = network_.input_count() - 2 * conditioning.image_prompts.size();
    for (const auto& [tokens, scale] : conditioning.image_prompts) {
        std::ranges::copy(tokens, network_.input(input++).begin());
        network_.input(input++).front() = scale;
    }
}

std::span<float> Denoiser::residual(std::size_t index) {
    return network_.input((encode_size_ ? UNetInput::added_conditions : UNetInput::encoder_hidden_states) + 1 + index);
}

std::span<const float> Denoiser::predict(std::span<const float> latents, double timestep, std::size_t /*step*/,
                                         const std::stop_token& stop) {
    const std::span<float> channels = network_.input(UNetInput::sample);
    // One, or those of the text.
    const std::size_t rows = (channels.size() - std::min(more_channels_.size(), channels.size())) / latents.size();
    if (rows == 0 || rows * latents.size() + more_channels_.size() != channels.size())
        fail("the latents have {} numbers and {} more, but the UNet takes {}", latents.size(), more_channels_.size(),
             channels.size());
    auto next = channels.begin();
    for (std::span<const float> more = more_channels_; next != channels.end();
         more = more.subspan(more_channels_.size() / rows)) {
        next = std::ranges::copy(latents, next).out;
        next = std::ranges::copy(more.first(more_channels_.size() / rows), next).out;
    }
    const std::vector<float> time = encode_timestep_(timestep);
    std::ranges::copy(guidance_, std::ranges::copy(time, network_.input(UNetInput::timestep_values).begin()).out);
    return network_.run(stop);
}

}  // namespace easel
