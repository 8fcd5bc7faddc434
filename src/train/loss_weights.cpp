#include "train/loss_weights.h"

#include <algorithm>

#include "base/error.h"
#include "diffusion/schedule.h"

namespace easel::train {
namespace {

constexpr double greatest_snr = 5.0, greatest_weight = 10.0;

/// Of the noise's squared error at timestep t.
double weight(LossWeighting weighting, const std::vector<double>& betas, const std::vector<double>& alphas_cumprod,
              std::size_t t) {
    const double beta = betas[t], alpha_bar = alphas_cumprod[t];
    switch (weighting) {
        case LossWeighting::simple:
            return 1.0;
        case LossWeighting::step:
            return beta / (1 - beta);
        case LossWeighting::vlb: {
            const std::size_t s = std::max<std::size_t>(t, 1);
            const double variance = posterior(alphas_cumprod[s], alphas_cumprod[s - 1]).variance;
            return beta * beta / (2 * variance * (1 - beta) * (1 - alpha_bar));
        }
        case LossWeighting::min_snr: {
            const double snr = alpha_bar / (1 - alpha_bar);
            return std::min(snr, greatest_snr) / snr;
        }
        case LossWeighting::balanced: {
            const double snr = alpha_bar / (1 - alpha_bar);
            return snr < 1 ? std::min(1 / snr, greatest_weight) : std::min(greatest_snr / snr, 1.0);
        }
    }
    return 1.0;
}

}  // namespace

LossWeighting loss_weighting_by_name(std::string_view name) {
    if (name == "simple") return LossWeighting::simple;
    if (name == "step") return LossWeighting::step;
    if (name == "vlb") return LossWeighting::vlb;
    if (name == "min-snr") return LossWeighting::min_snr;
    if (name == "balanced") return LossWeighting::balanced;
    refuse_value("loss", name, "give one of simple, step, vlb, min-snr, balanced");
}

std::vector<double> loss_weights(LossWeighting weighting, const SchedulerConfig& config) {
    const std::vector<double> betas = make_betas(config), alphas_cumprod = make_alphas_cumprod(betas);
    const bool of_v = config.prediction_type == PredictionType::v_prediction && weighting != LossWeighting::simple;
    std::vector<double> weights;
    for (std::size_t t = 0; t < betas.size(); ++t)
        weights.push_back(weight(weighting, betas, alphas_cumprod, t) * (of_v ? alphas_cumprod[t] : 1.0));
    return weights;
}

}  // namespace easel::train
