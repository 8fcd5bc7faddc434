#pragma once

#include <vector>

#include <easel/easel.h>

#include "pipeline/pass.h"
#include "pipeline/work.h"
#include "runtime/vae.h"

namespace easel {

/// Makes the previews of one pass: decoded by a tiny VAE where the model has one for them, else the colours of latents.
class Previews {
  public:
    /// Compiles the tiny VAE's decoder if need be. Throws as Model::preview_decoder().
    Previews(const Pass& pass, const Work& work);

    /// The preview of clean latents [channels, height, width]. Throws Cancelled.
    Preview of(std::vector<float> clean) const;

  private:
    Picture decoded(const std::vector<float>& clean) const;

    const Pass& pass_;
    const Work& work_;
    /// Null if previews are colours.
    VaeDecoder* decoder_ = nullptr;
};

}  // namespace easel
