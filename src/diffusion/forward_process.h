#pragma once

#include <span>

namespace easel {

/// What the network was trained to predict: the noise, the "velocity" of Salimans & Ho 2022, or the clean sample
/// itself.
enum class PredictionType { epsilon, v_prediction, sample };

/// How much of the clean sample is left and how much noise there is: x_t = signal * x_0 + noise * epsilon.
/// Variance preserving samplers (DDPM, Ho et al. 2020) keep signal^2 + noise^2 = 1; those that count in sigmas
/// (Karras et al. 2022) keep signal = 1.
struct NoiseLevel {
    double signal = 1.0;
    double noise = 0.0;
};

/// The level of the variance preserving process with the cumulated product `alpha_bar` (alphas_cumprod, 0 to 1).
NoiseLevel variance_preserving(double alpha_bar);

/// One step of the forward process, Eq. (2) of Ho et al. 2020: x_t from x_{t-1} and fresh noise.
/// All spans have the same length; `out` may be one of the inputs. This holds for every function below.
void forward_step(std::span<const float> previous, std::span<const float> noise, double beta, std::span<float> out);

/// The forward process in one jump, Eq. (4) of Ho et al. 2020: x_t from x_0.
void forward_jump(std::span<const float> clean, std::span<const float> noise, NoiseLevel level, std::span<float> out);

/// The x_0 that a prediction made at x_t implies. v refers to the scaled sample x_t / sqrt(signal^2 + noise^2).
void predict_x0(PredictionType type, std::span<const float> prediction, std::span<const float> sample, NoiseLevel level,
                std::span<float> out);

/// The noise that a prediction made at x_t implies.
void predict_epsilon(PredictionType type, std::span<const float> prediction, std::span<const float> sample,
                     NoiseLevel level, std::span<float> out);

/// The prediction at x_t that implies this noise: the reverse of predict_epsilon().
void prediction_of_epsilon(PredictionType type, std::span<const float> epsilon, std::span<const float> sample,
                           NoiseLevel level, std::span<float> out);

/// q(x_s | x_t, x_0), the noise level s being below t: Eq. (6) and (7) of Ho et al. 2020.
/// Its mean is of_x0 * x_0 + of_sample * x_t.
struct Posterior {
    double of_x0 = 0.0;
    double of_sample = 0.0;
    double variance = 0.0;
};

/// `alpha_bar` belongs to t, `alpha_bar_previous` (the greater one) to s.
Posterior posterior(double alpha_bar, double alpha_bar_previous);

/// The mean of q(x_s | x_t, x_0).
void posterior_mean(const Posterior& posterior, std::span<const float> x0, std::span<const float> sample,
                    std::span<float> out);

/// x_0 limited to -range..range.
void clip(std::span<float> x0, double range);

/// Dynamic thresholding (Imagen, Saharia et al. 2022): x_0 clipped to the `ratio` quantile of its absolute values,
/// which is kept within 1..largest, and divided by it.
void threshold(std::span<float> x0, double ratio, double largest);

}  // namespace easel
