#include "pipeline/prediction_check.h"

#include <cmath>
#include <cstddef>

#include <fmt/format.h>

#include "diffusion/scheduler_names.h"

namespace easel {
namespace {

/// The part of noise from which on the first steps of all usual schedules are (alphas_cumprod below 0.06).
constexpr double almost_pure_noise = 0.97;
/// Trained UNets are far from both: above 0.95 for epsilon, about 0.1 for v.
constexpr double least_of_epsilon = 0.5, most_of_others = 0.9;

/// The cosine of the angle between two vectors; 0 where one of them is zero.
double cosine(std::span<const float> a, std::span<const float> b) {
    double ab = 0.0, aa = 0.0, bb = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        ab += static_cast<double>(a[i]) * b[i];
        aa += static_cast<double>(a[i]) * a[i];
        bb += static_cast<double>(b[i]) * b[i];
    }
    return aa > 0.0 && bb > 0.0 ? ab / std::sqrt(aa * bb) : 0.0;
}

}  // namespace

std::optional<std::string> doubt_about(PredictionType type, std::span<const float> prediction,
                                       std::span<const float> input, NoiseLevel level) {
    if (level.noise < almost_pure_noise * std::hypot(level.signal, level.noise)) return std::nullopt;
    const double likeness = cosine(prediction, input);
    const bool is_epsilon = type == PredictionType::epsilon;
    if (is_epsilon ? likeness >= least_of_epsilon : likeness <= most_of_others) return std::nullopt;
    return fmt::format(
        "the first prediction does not look like {}, which the model's files or settings say it is; if the picture is "
        "noise, try a `prediction_type` of {}",
        name(type), name(is_epsilon ? PredictionType::v_prediction : PredictionType::epsilon));
}

}  // namespace easel
