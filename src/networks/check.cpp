#include "networks/check.h"

#include "networks/clip_text.h"
#include "networks/unet.h"
#include "networks/vae.h"
#include "networks/weight_use.h"

namespace easel {

std::vector<std::string> check_networks(const Checkpoint& checkpoint) {
    const WeightUse text_encoder(checkpoint.text_encoder.weights), unet(checkpoint.unet.weights),
        vae(checkpoint.vae.weights);
    build_clip_text(text_encoder.weights(), checkpoint.text_encoder.config);
    build_unet(unet.weights(), checkpoint.unet.config);
    build_vae_decoder(vae.weights(), checkpoint.vae.config);
    std::vector<std::string> notes;
    for (auto note : {text_encoder.note(), unet.note(), vae.note(weights_of_vae_encoder())})
        if (note) notes.push_back(*note);
    return notes;
}

}  // namespace easel
