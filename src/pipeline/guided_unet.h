#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "pipeline/contexts.h"
#include "pipeline/controls.h"
#include "pipeline/pass.h"
#include "pipeline/start.h"
#include "pipeline/work.h"

namespace easel {

/// The UNet of one pass at work, with all that steers it: prompts, ControlNets, guidance.
class GuidedUNet {
  public:
    /// All of these live as long.
    GuidedUNet(const Start& start, const Pass& pass, const Contexts& contexts, Controls& controls, const Work& work);

    /// Sets what steers the prediction at the sampler's timestep `i`. Returns whether that is something else than
    /// before: another prompt, or guidance that begins or ends.
    bool steer(std::size_t i);

    /// The prediction, guided if it is to be, from what the sampler has scaled; of the kind that the UNet was trained
    /// for. The values stay until the next call.
    std::span<const float> predict(std::span<const float> input, std::size_t i);

  private:
    Conditioning conditioning() const;

    const Start& start_;
    const Pass& pass_;
    const Contexts& contexts_;
    Controls& controls_;
    const Work& work_;
    Denoiser* denoiser_ = nullptr;
    /// What steers now.
    std::vector<std::size_t> texts_;
    bool guided_ = false;
    std::vector<float> mixed_;
};

}  // namespace easel
