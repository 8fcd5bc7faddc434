#include "pictures/separable.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace easel {
namespace {

constexpr int precision_bits = 22;
constexpr std::int32_t half = 1 << (precision_bits - 1);

std::uint8_t to_8_bits(std::int32_t sum) {
    return static_cast<std::uint8_t>(std::clamp(sum >> precision_bits, 0, 255));
}

}  // namespace

void AxisFilter::add(int first, std::span<const double> weights) {
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    runs_.push_back({first, static_cast<int>(weights.size()), weights_.size()});
    for (const double weight : weights) {
        weights_.push_back(static_cast<std::int32_t>(std::lround(weight / sum * (1 << precision_bits))));
    }
}

std::vector<std::uint8_t> AxisFilter::along_rows(std::span<const std::uint8_t> pixels, int inputs, int channels) const {
    const std::size_t row_size = static_cast<std::size_t>(inputs) * channels;
    const std::size_t rows = pixels.size() / row_size;
    std::vector<std::uint8_t> result(rows * outputs() * channels);
    std::uint8_t* out = result.data();
    const auto filter_rows = [&]<int fixed_channels>() {
        for (std::size_t row = 0; row < rows; ++row) {
            for (const Run& run : runs_) {
                const std::uint8_t* in = &pixels[row * row_size + static_cast<std::size_t>(run.first) * fixed_channels];
                const std::int32_t* weight = &weights_[run.weights];
                std::int32_t sums[fixed_channels];
                std::fill_n(sums, fixed_channels, half);
                for (int i = 0; i < run.count; ++i, in += fixed_channels) {
                    for (int c = 0; c < fixed_channels; ++c) sums[c] += weight[i] * in[c];
                }
                for (const std::int32_t sum : sums) *out++ = to_8_bits(sum);
            }
        }
    };
    // Fixed at compile time the channels' loop unrolls.
    channels == 1 ? filter_rows.operator()<1>() : filter_rows.operator()<3>();
    return result;
}

std::vector<std::uint8_t> AxisFilter::along_columns(std::span<const std::uint8_t> pixels, int inputs) const {
    const std::size_t row_size = pixels.size() / inputs;
    std::vector<std::uint8_t> result(outputs() * row_size);
    std::vector<std::int32_t> sums(row_size);
    std::uint8_t* out = result.data();
    for (const Run& run : runs_) {
        std::fill(sums.begin(), sums.end(), half);
        for (int i = 0; i < run.count; ++i) {
            const std::uint8_t* in = &pixels[(run.first + static_cast<std::size_t>(i)) * row_size];
            const std::int32_t weight = weights_[run.weights + i];
            for (std::size_t x = 0; x < row_size; ++x) sums[x] += weight * in[x];
        }
        out = std::transform(sums.begin(), sums.end(), out, to_8_bits);
    }
    return result;
}

}  // namespace easel
