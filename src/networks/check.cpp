#include "networks/check.h"

#include <optional>
#include <string_view>
#include <utility>

#include "networks/clip_text.h"
#include "networks/unet.h"
#include "networks/vae.h"
#include "networks/weight_use.h"

namespace easel {

namespace {

void add(std::vector<std::string>& notes, std::optional<std::string> note) {
    if (note) notes.push_back(*std::move(note));
}

void check_text_encoders(const Checkpoint& checkpoint, std::vector<std::string>& notes) {
    const auto& [config, weights] = checkpoint.text_encoder;
    const WeightUse use(weights);
    if (!checkpoint.text_encoder_2) {
        const bool pools = row_of(checkpoint.family).text_encoders.front().pooled;
        build_clip_text(use.weights(), config, {1}, false,
                        pools ? ClipTextOutputs::with_pooled : ClipTextOutputs::normed);
        return add(notes, use.note());
    }
    const auto& [config_2, weights_2] = *checkpoint.text_encoder_2;
    const WeightUse use_2(weights_2);
    build_two_clip_texts({config, use.weights()}, {config_2, use_2.weights()});
    const std::vector<std::string> unused = unused_of_first_text(config);
    add(notes, use.note(std::vector<std::string_view>(unused.begin(), unused.end())));
    add(notes, use_2.note());
}

}  // namespace

std::vector<std::string> check_networks(const Checkpoint& checkpoint) {
    std::vector<std::string> notes;
    check_text_encoders(checkpoint, notes);
    const WeightUse unet(checkpoint.unet.weights), vae(checkpoint.vae.weights);
    build_unet(unet.weights(), checkpoint.unet.config);
    build_vae_decoder(vae.weights(), checkpoint.vae.config);
    add(notes, unet.note());
    add(notes, vae.note(weights_of_vae_encoder()));
    return notes;
}

}  // namespace easel
