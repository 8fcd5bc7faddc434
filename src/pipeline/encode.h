#pragma once

#include <vector>

#include "pipeline/work.h"

namespace easel {

/// The output of the text encoder for the prompts, kept from the last picture if they are the same. Throws Cancelled.
const Contexts& encode_text(const PromptTokens& tokens, const NetworkKeys& keys, const Work& work);

/// The output of the VAE's encoder for the init picture, [1, 2 channels, h, w], kept from the last picture if it is the
/// same. Throws Cancelled.
const std::vector<float>& encode_picture(const Picture& picture, const NetworkKeys& keys, const Work& work);

/// The same for the picture that an inpainting UNet is shown, as the encoder takes it.
const std::vector<float>& encode_shown(const std::vector<float>& shown, const NetworkKeys& keys, const Work& work);

}  // namespace easel
