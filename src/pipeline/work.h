#pragma once

#include <array>
#include <stop_token>
#include <vector>

#include <easel/easel.h>

#include "base/kept.h"
#include "pipeline/contexts.h"
#include "pipeline/model.h"

namespace easel {

/// What the last picture was made from, encoded: the next one is often made from the same.
struct LastInputs {
    struct Text {
        PromptTokens tokens;
        TextEncoderKey text_encoder;
        bool operator==(const Text&) const = default;
    };
    /// Of the first and of the second pass.
    std::array<Kept<Contexts, Text>, 2> contexts;
    /// The output of the VAE's encoder for the init picture at the working size.
    Kept<std::vector<float>, Picture> moments;
    /// The same for what an inpainting UNet is shown, by the values that the encoder was given.
    Kept<std::vector<float>, std::vector<float>> shown_moments;
};

/// A model, and what its last picture was made from.
struct OpenedModel {
    Model model;
    LastInputs last = {};
};

/// What each part of the work on a picture needs.
struct Work {
    Model& model;
    LastInputs& last;
    const Callbacks& callbacks;
    const std::stop_token& stop;

    const LatentSpace& space() const { return model.facts().latents; }
    void note(const std::string& sentence) const {
        if (callbacks.note) callbacks.note(sentence);
    }
};

}  // namespace easel
