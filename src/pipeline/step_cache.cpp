#include "pipeline/step_cache.h"

#include <algorithm>
#include <cmath>

namespace easel {
namespace {

constexpr double first_part = 0.15, last_part = 0.05;

double magnitude(std::span<const float> values) {
    double sum = 0.0;
    for (const float value : values) sum += std::abs(value);
    return sum;
}

double distance(std::span<const float> a, std::span<const float> b) {
    double sum = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(a[i] - b[i]);
    return sum;
}

std::size_t part_of(std::size_t predictions, double part) {
    return static_cast<std::size_t>(std::ceil(part * static_cast<double>(predictions)));
}

}  // namespace

StepCache::StepCache(double threshold, std::size_t predictions)
    : threshold_(threshold),
      first_(part_of(predictions, first_part)),
      end_(predictions - std::min(predictions, part_of(predictions, last_part))) {}

bool StepCache::leaves_out(std::size_t index, std::span<const float> input) {
    if (threshold_ <= 0.0) return false;
    input_.assign(input.begin(), input.end());
    if (!rate_ || index < first_ || index >= end_) return false;
    const bool is_small = *rate_ * distance(input_, computed_input_) < threshold_ * magnitude(epsilon_);
    if (is_small) ++left_out_;
    return is_small;
}

void StepCache::keep(std::span<const float> epsilon) {
    if (!epsilon_.empty())
        if (const double way = distance(input_, computed_input_); way > 0.0) rate_ = distance(epsilon, epsilon_) / way;
    computed_input_ = input_;
    epsilon_.assign(epsilon.begin(), epsilon.end());
}

void StepCache::forget() {
    rate_.reset();
    epsilon_.clear();
}

}  // namespace easel
