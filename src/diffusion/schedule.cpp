#include "diffusion/schedule.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace easel {
namespace {

double rounded_to_float(double value) { return static_cast<float>(value); }

// numpy.linspace: the last value is `last` exactly.
std::vector<double> linspace(double first, double last, int count) {
    std::vector<double> values(static_cast<std::size_t>(count), first);
    const double step = count > 1 ? (last - first) / (count - 1) : 0.0;
    for (int k = 0; k < count; ++k) values[k] = first + k * step;
    if (count > 1) values.back() = last;
    return values;
}

// torch.linspace in float32: counted from both ends.
std::vector<float> float_linspace(float first, float last, int count) {
    std::vector<float> values(static_cast<std::size_t>(count), first);
    const float step = count > 1 ? (last - first) / static_cast<float>(count - 1) : 0.0f;
    for (int k = 0; k < count; ++k)
        values[k] =
            k < count / 2 ? first + step * static_cast<float>(k) : last - step * static_cast<float>(count - 1 - k);
    if (count == 1) values[0] = first;
    return values;
}

// Eq. (17) of Nichol & Dhariwal 2021.
double squared_cosine(double share) {
    const double root = std::cos((share + 0.008) / 1.008 * std::numbers::pi / 2.0);
    return root * root;
}

std::vector<double> squared_cosine_betas(int count) {
    std::vector<double> betas(static_cast<std::size_t>(count));
    for (int t = 0; t < count; ++t) {
        const double ratio = squared_cosine((t + 1.0) / count) / squared_cosine(static_cast<double>(t) / count);
        betas[t] = rounded_to_float(std::min(1.0 - ratio, 0.999));
    }
    return betas;
}

std::vector<double> plain_betas(const SchedulerConfig& config) {
    const int count = config.num_train_timesteps;
    if (!config.trained_betas.empty()) {
        std::vector<double> betas = config.trained_betas;
        std::transform(betas.begin(), betas.end(), betas.begin(), rounded_to_float);
        return betas;
    }
    switch (config.beta_schedule) {
        case BetaSchedule::linear: {
            const auto betas =
                float_linspace(static_cast<float>(config.beta_start), static_cast<float>(config.beta_end), count);
            return {betas.begin(), betas.end()};
        }
        case BetaSchedule::scaled_linear: {
            auto betas = float_linspace(static_cast<float>(std::sqrt(config.beta_start)),
                                        static_cast<float>(std::sqrt(config.beta_end)), count);
            for (float& beta : betas) beta *= beta;
            return {betas.begin(), betas.end()};
        }
        case BetaSchedule::squaredcos_cap_v2:
            break;
    }
    return squared_cosine_betas(count);
}

constexpr double beta_parameter = 0.6;

// The share of the beta distribution below x, which is at most 1/2, by the power series of the incomplete beta
// function.
double beta_share(double x) {
    double sum = 0.0, term = 1.0;
    for (int n = 0; term > 1e-17; ++n) {
        sum += term / (beta_parameter + n);
        term *= x * (n + 1.0 - beta_parameter) / (n + 1.0);
    }
    const double whole = std::tgamma(beta_parameter) * std::tgamma(beta_parameter) / std::tgamma(2.0 * beta_parameter);
    return std::pow(x, beta_parameter) * sum / whole;
}

// round(last - k * stride) - 1 as numpy.arange counts, which decides where a value falls on a half.
std::vector<double> trailing_timesteps(int last, double stride) {
    const double difference = (last - stride) - last;
    const int count = static_cast<int>(std::ceil(-last / -stride));
    std::vector<double> timesteps;
    timesteps.reserve(static_cast<std::size_t>(count));
    for (int k = 0; k < count; ++k) timesteps.push_back(std::nearbyint(last + k * difference) - 1.0);
    return timesteps;
}

}  // namespace

std::vector<double> make_betas(const SchedulerConfig& config) {
    const std::vector<double> betas = plain_betas(config);
    return config.rescale_betas_zero_snr ? rescale_to_zero_terminal_snr(betas) : betas;
}

std::vector<double> rescale_to_zero_terminal_snr(std::span<const double> betas) {
    std::vector<double> alpha_bars = make_alphas_cumprod(betas);
    std::vector<float> roots(alpha_bars.size());
    std::transform(alpha_bars.begin(), alpha_bars.end(), roots.begin(),
                   [](double alpha_bar) { return std::sqrt(static_cast<float>(alpha_bar)); });
    const float first = roots.front(), last = roots.back();
    for (float& root : roots) root = (root - last) * (first / (first - last));
    std::vector<double> rescaled(roots.size());
    float before = 1.0f;
    for (std::size_t t = 0; t < roots.size(); ++t) {
        const float alpha_bar = roots[t] * roots[t];
        rescaled[t] = 1.0f - alpha_bar / before;
        before = alpha_bar;
    }
    return rescaled;
}

std::vector<double> make_alphas_cumprod(std::span<const double> betas) {
    std::vector<double> products(betas.size());
    double product = 1.0;
    for (std::size_t t = 0; t < betas.size(); ++t) {
        product *= 1.0f - static_cast<float>(betas[t]);
        products[t] = rounded_to_float(product);
    }
    return products;
}

std::vector<double> make_sigmas(std::span<const double> alphas_cumprod) {
    std::vector<double> sigmas(alphas_cumprod.size());
    for (std::size_t t = 0; t < sigmas.size(); ++t) {
        const auto alpha_bar = alphas_cumprod[t] > 0.0 ? static_cast<float>(alphas_cumprod[t]) : 0x1p-24f;
        sigmas[t] = std::sqrt((1.0f - alpha_bar) / alpha_bar);
    }
    return sigmas;
}

std::vector<double> spaced_timesteps(const SchedulerConfig& config, int steps, Timesteps kind) {
    const int count = config.num_train_timesteps;
    std::vector<double> timesteps;
    if (config.timestep_spacing == TimestepSpacing::trailing) {
        timesteps = trailing_timesteps(count, static_cast<double>(count) / steps);
        // The samplers of whole timesteps would look up the greatest one for a -1.
        if (kind == Timesteps::whole) timesteps.resize(static_cast<std::size_t>(steps));
        return timesteps;
    }
    if (config.timestep_spacing == TimestepSpacing::leading) {
        const int stride = count / steps;
        for (int k = 0; k < steps; ++k) timesteps.push_back(k * stride + config.steps_offset);
    } else {
        timesteps = linspace(0.0, count - 1.0, steps);
        for (double& t : timesteps) t = kind == Timesteps::whole ? std::nearbyint(t) : rounded_to_float(t);
    }
    std::reverse(timesteps.begin(), timesteps.end());
    return timesteps;
}

std::vector<double> solver_timesteps(const SchedulerConfig& config, int steps, int last_timestep) {
    if (config.timestep_spacing == TimestepSpacing::trailing)
        return trailing_timesteps(last_timestep, static_cast<double>(config.num_train_timesteps) / steps);
    std::vector<double> timesteps;
    if (config.timestep_spacing == TimestepSpacing::leading) {
        const int stride = last_timestep / (steps + 1);
        for (int k = 0; k <= steps; ++k) timesteps.push_back(k * stride + config.steps_offset);
    } else {
        timesteps = linspace(0.0, last_timestep - 1.0, steps + 1);
        for (double& t : timesteps) t = std::nearbyint(t);
    }
    std::reverse(timesteps.begin(), timesteps.end());
    timesteps.pop_back();
    return timesteps;
}

double sigma_at(std::span<const double> sigmas, double timestep) {
    const double last = static_cast<double>(sigmas.size() - 1);
    const double within = std::clamp(timestep, 0.0, last);
    const auto below = static_cast<std::size_t>(within);
    if (below + 1 == sigmas.size()) return sigmas.back();
    return sigmas[below] + (within - static_cast<double>(below)) * (sigmas[below + 1] - sigmas[below]);
}

double timestep_at(std::span<const double> sigmas, double sigma) {
    if (sigmas.size() == 1) return 0.0;
    std::vector<float> logs(sigmas.size());
    std::transform(sigmas.begin(), sigmas.end(), logs.begin(),
                   [](double s) { return std::log(static_cast<float>(s)); });
    const double log_sigma = std::log(sigma);
    const auto above = std::upper_bound(logs.begin() + 1, logs.end() - 1, log_sigma);
    const auto high = static_cast<std::size_t>(above - logs.begin());
    const double share = std::clamp((logs[high - 1] - log_sigma) / (logs[high - 1] - logs[high]), 0.0, 1.0);
    return (1.0 - share) * static_cast<double>(high - 1) + share * static_cast<double>(high);
}

std::vector<double> karras_sigmas(double sigma_max, double sigma_min, int steps) {
    constexpr double rho = 7.0;
    const double from = std::pow(sigma_max, 1.0 / rho), to = std::pow(sigma_min, 1.0 / rho);
    std::vector<double> sigmas = linspace(0.0, 1.0, steps);
    for (double& sigma : sigmas) sigma = std::pow(from + sigma * (to - from), rho);
    return sigmas;
}

std::vector<double> exponential_sigmas(double sigma_max, double sigma_min, int steps) {
    std::vector<double> sigmas = linspace(std::log(sigma_max), std::log(sigma_min), steps);
    for (double& sigma : sigmas) sigma = std::exp(sigma);
    return sigmas;
}

std::vector<double> lu_sigmas(double sigma_max, double sigma_min, int steps) {
    std::vector<double> sigmas =
        linspace(std::log(static_cast<float>(sigma_max)), std::log(static_cast<float>(sigma_min)), steps);
    for (double& sigma : sigmas) sigma = std::exp(sigma);
    return sigmas;
}

double beta_quantile(double probability) {
    if (probability > 0.5) return 1.0 - beta_quantile(1.0 - probability);
    double low = 0.0, high = 0.5;
    for (double middle = 0.25; low < middle && middle < high; middle = low + (high - low) / 2.0)
        (beta_share(middle) < probability ? low : high) = middle;
    return probability > 0.0 ? high : 0.0;
}

std::vector<double> beta_sigmas(double sigma_max, double sigma_min, int steps) {
    std::vector<double> sigmas = linspace(0.0, 1.0, steps);
    for (double& sigma : sigmas) sigma = sigma_min + beta_quantile(1.0 - sigma) * (sigma_max - sigma_min);
    return sigmas;
}

}  // namespace easel
