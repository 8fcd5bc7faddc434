#pragma once

#include <cstddef>
#include <span>
#include <stop_token>
#include <vector>

#include <easel/easel.h>

#include "runtime/conditioning.h"
#include "runtime/controlnet.h"
#include "runtime/denoiser.h"
#include "settings/settings.h"

namespace easel {

/// What the residual `index` of `count`, the last being the middle's, is multiplied by beside the scale. Sources:
/// diffusers' ControlNetModel (guess_mode), scripts/hook.py of sd-webui-controlnet (the control modes).
double residual_factor(const Settings& settings, std::size_t index, std::size_t count);

/// Whether ControlNets act on the prompt's rows only and not on the negative prompt's.
bool acts_on_prompt_alone(const Settings& settings, const ControlNetConfig& config);

/// Whether a window of the steps, 0 to 1, holds the whole step `step` of `steps`.
bool is_in_window(const Control& control, std::size_t step, std::size_t steps);

/// A picture as ControlNets take it, [3, height, width] in 0..1, resized if it has another size.
std::vector<float> control_values(const Picture& picture, const Size& size);

/// The same made of the init picture and the mask: -1 where the mask is above one half.
std::vector<float> inpaint_control_values(const Picture& init, const Mask& mask, const Size& size);

/// The ControlNets of one picture at work: they set the residuals of the UNet step by step.
class Controls {
  public:
    /// `networks` belong to `settings.controls` and have their pictures. Each was compiled for the last of `rows` rows
    /// of text, or for all.
    Controls(const Settings& settings, std::vector<ControlNet*> networks, int rows);

    /// Sets the text of all following steps.
    void condition(const Conditioning& conditioning);

    /// Sets the denoiser's residuals for a step; a network that is not used in it is not run.
    void run(Denoiser& denoiser, std::span<const float> latents, double timestep, std::size_t step, std::size_t steps,
             const std::stop_token& stop);

  private:
    /// Adds what the networks gave last, or nothing.
    void add_up(Denoiser& denoiser, std::span<const std::size_t> used) const;

    const Settings* settings_;
    std::vector<ControlNet*> networks_;
    std::size_t rows_;
};

}  // namespace easel
