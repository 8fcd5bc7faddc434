#pragma once

#include <stop_token>
#include <vector>

#include <easel/easel.h>

#include "base/kept.h"
#include "pipeline/contexts.h"
#include "pipeline/model.h"
#include "settings/settings.h"

namespace easel {

/// What the last picture was made from, encoded: the next one is often made from the same.
struct LastInputs {
    struct Text {
        PromptTokens tokens;
        TextEncoderKey text_encoder;
        bool operator==(const Text&) const = default;
    };
    Kept<Contexts, Text> contexts;
    /// The output of the VAE's encoder for the init picture at the working size.
    Kept<std::vector<float>, Picture> moments;
    /// The same for what an inpainting UNet is shown, by the values that the encoder was given.
    Kept<std::vector<float>, std::vector<float>> shown_moments;
};

/// Draws one picture: the whole of text to image, image to image and masked image to image. `settings` are complete()d
/// for this model; its prompts are read here. See Engine::generate().
Result generate(Settings settings, Model& model, LastInputs& last, const Callbacks& callbacks,
                const std::stop_token& stop);

}  // namespace easel
