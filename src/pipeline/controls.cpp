#include "pipeline/controls.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "pictures/resize.h"

namespace easel {

double residual_factor(const Settings& settings, std::size_t index, std::size_t count) {
    const auto after = static_cast<double>(count - 1 - index);
    if (settings.guess_mode) return std::pow(10.0, -after / static_cast<double>(count - 1));
    constexpr double weakening = 0.825;
    return settings.control_mode == ControlMode::balanced ? 1.0 : std::pow(weakening, after);
}

bool acts_on_prompt_alone(const Settings& settings, const ControlNetConfig& config) {
    return settings.guess_mode || settings.control_mode == ControlMode::control || config.global_pool_conditions;
}

bool is_in_window(const Control& control, std::size_t step, std::size_t steps) {
    const auto part = [&](std::size_t done) { return static_cast<double>(done) / static_cast<double>(steps); };
    return part(step) >= control.start && part(step + 1) <= control.end;
}

std::vector<float> control_values(const Picture& picture, const Size& size) {
    const Picture resized = resize_lanczos(picture, size.width, size.height);
    const std::size_t plane = resized.pixels.size() / 3;
    std::vector<float> values(3 * plane);
    for (std::size_t i = 0; i < plane; ++i)
        for (std::size_t channel = 0; channel < 3; ++channel)
            values[channel * plane + i] = static_cast<float>(resized.pixels[3 * i + channel]) / 255.0F;
    return values;
}

std::vector<float> inpaint_control_values(const Picture& init, const Mask& mask, const Size& size) {
    std::vector<float> values = control_values(init, size);
    const Mask resized = resize_lanczos(mask, size.width, size.height);
    constexpr std::uint8_t half = 127;
    for (std::size_t i = 0; i < values.size(); ++i)
        if (resized.pixels[i % resized.pixels.size()] > half) values[i] = -1.0F;
    return values;
}

Controls::Controls(const Settings& settings, std::vector<ControlNet*> networks, int rows)
    : settings_(&settings), networks_(std::move(networks)), rows_(static_cast<std::size_t>(rows)) {}

void Controls::condition(const Conditioning& conditioning) {
    for (ControlNet* network : networks_) network->condition(conditioning);
}

void Controls::run(Denoiser& denoiser, std::span<const float> latents, double timestep, std::size_t step,
                   std::size_t steps, const std::stop_token& stop) {
    std::vector<std::size_t> used;
    for (std::size_t i = 0; i < networks_.size(); ++i) {
        const Control& control = settings_->controls[i];
        if (control.scale == 0.0 || !is_in_window(control, step, steps)) continue;
        networks_[i]->predict(latents, timestep, stop);
        used.push_back(i);
    }
    add_up(denoiser, used);
}

void Controls::add_up(Denoiser& denoiser, std::span<const std::size_t> used) const {
    const std::size_t count = networks_.empty() ? 0 : networks_.front()->residual_count();
    for (std::size_t index = 0; index < count; ++index) {
        const std::span<float> sum = denoiser.residual(index);
        std::ranges::fill(sum, 0.0F);
        const std::size_t row_size = sum.size() / rows_;
        for (const std::size_t i : used) {
            ControlNet& network = *networks_[i];
            const std::span<const float> residual = network.residual(index);
            const auto factor =
                static_cast<float>(settings_->controls[i].scale * residual_factor(*settings_, index, count));
            for (std::size_t row = rows_ - network.rows(); row < rows_; ++row) {
                const std::span<float> to = sum.subspan(row * row_size, row_size);
                // One row may stand for all.
                const std::size_t from = residual.size() == row_size ? 0 : (row - (rows_ - network.rows())) * row_size;
                for (std::size_t k = 0; k < row_size; ++k) to[k] += factor * residual[from + k];
            }
        }
    }
}

}  // namespace easel
