#include "pipeline/enlarged_latents.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace easel {
namespace {

using Filter = LatentUpscaler::Filter;

/// An input position and how much it counts.
struct Tap {
    std::size_t from = 0;
    float weight = 1.0F;
};
using Taps = std::vector<Tap>;

/// Keys' cubic (1981).
double cubic(double x, double a) {
    x = std::abs(x);
    if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0.0;
}

double triangle(double x) { return std::max(0.0, 1.0 - std::abs(x)); }

/// Within the axis: beyond its ends they are repeated.
std::size_t inside(double position, int inputs) {
    return static_cast<std::size_t>(std::clamp(position, 0.0, inputs - 1.0));
}

/// In f32, as torch computes it: a position that is nearly whole may fall on either side.
Taps nearest_taps(int output, float scale, int inputs, Filter filter) {
    const float place = static_cast<float>(output) + (filter == Filter::nearest ? 0.0F : 0.5F);
    return {{.from = inside(std::floor(place * scale), inputs)}};
}

Taps linear_taps(double centre, int inputs) {
    const double position = std::max(0.0, centre), first = std::floor(position);
    const auto weight = static_cast<float>(position - first);
    return {{inside(first, inputs), 1.0F - weight}, {inside(first + 1, inputs), weight}};
}

Taps cubic_taps(double centre, int inputs) {
    constexpr double sharp = -0.75;
    const double first = std::floor(centre) - 1;
    Taps taps;
    for (int i = 0; i < 4; ++i)
        taps.push_back({inside(first + i, inputs), static_cast<float>(cubic(centre - first - i, sharp))});
    return taps;
}

Taps antialiased_taps(double centre, double scale, int inputs, Filter filter) {
    constexpr double smooth = -0.5;
    const double stretch = std::max(scale, 1.0);
    const double reach = (filter == Filter::cubic ? 2.0 : 1.0) * stretch;
    const int first = std::max(0, static_cast<int>(centre + 0.5 - reach + 0.5));
    const int end = std::min(inputs, static_cast<int>(centre + 0.5 + reach + 0.5));
    std::vector<double> weights;
    double sum = 0.0;
    for (int i = first; i < end; ++i) {
        const double x = (i - centre) / stretch;
        weights.push_back(filter == Filter::cubic ? cubic(x, smooth) : triangle(x));
        sum += weights.back();
    }
    Taps taps;
    for (int i = first; i < end; ++i)
        taps.push_back(
            {static_cast<std::size_t>(i), static_cast<float>(weights[static_cast<std::size_t>(i - first)] / sum)});
    return taps;
}

/// Of each output position.
std::vector<Taps> taps_of(int inputs, int outputs, const LatentUpscaler& upscaler) {
    const double scale = static_cast<double>(inputs) / outputs;
    std::vector<Taps> all;
    for (int i = 0; i < outputs; ++i) {
        const double centre = (i + 0.5) * scale - 0.5;
        if (upscaler.antialiases)
            all.push_back(antialiased_taps(centre, scale, inputs, upscaler.filter));
        else if (upscaler.filter == Filter::linear)
            all.push_back(linear_taps(centre, inputs));
        else if (upscaler.filter == Filter::cubic)
            all.push_back(cubic_taps(centre, inputs));
        else
            all.push_back(nearest_taps(i, static_cast<float>(scale), inputs, upscaler.filter));
    }
    return all;
}

}  // namespace

Latents resized(const Latents& latents, const LatentSize& size, const LatentUpscaler& upscaler) {
    const std::vector<Taps> across = taps_of(latents.width, size.width, upscaler);
    const std::vector<Taps> down = taps_of(latents.height, size.height, upscaler);
    Latents result{.channels = latents.channels, .height = size.height, .width = size.width, .values = {}};
    const auto width = static_cast<std::size_t>(latents.width);
    const std::size_t plane = width * static_cast<std::size_t>(latents.height);
    for (std::size_t channel = 0; channel < static_cast<std::size_t>(latents.channels); ++channel)
        for (const Taps& rows : down)
            for (const Taps& columns : across) {
                float sum = 0.0F;
                for (const Tap& row : rows)
                    for (const Tap& column : columns)
                        sum += row.weight * column.weight *
                               latents.values[channel * plane + row.from * width + column.from];
                result.values.push_back(sum);
            }
    return result;
}

}  // namespace easel
