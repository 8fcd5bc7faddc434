#include "pipeline/upscaler.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "networks/upscaler.h"
#include "pictures/resize.h"
#include "pipeline/stages.h"

namespace easel {
namespace {

/// The nearest multiple of `of` that is not smaller.
int rounded_up(int side, int of) { return (side + of - 1) / of * of; }

/// Positions beyond the end are mirrored there, without the last one again.
int mirrored(int i, int size) { return i < size ? i : std::max(0, 2 * size - 2 - i); }

/// Rows of the result that later tiles may still add to.
class Band {
  public:
    Band(int width, int height)
        : width_(at(width)), sums_(colours * width_ * at(height)), weights_(width_ * at(height)) {}

    void add(std::size_t row, std::size_t column, std::size_t colour, float value, float weight) {
        sums_[(row * width_ + column) * colours + colour] += value * weight;
    }
    void add_weight(std::size_t row, std::size_t column, float weight) { weights_[row * width_ + column] += weight; }

    /// Gives the first rows to the picture, and moves the others to the front.
    void take(int rows, Picture& to) {
        const std::size_t pixels = at(rows) * width_;
        for (std::size_t i = 0; i < pixels * colours; ++i) {
            const float value = std::clamp(sums_[i] / weights_[i / colours], 0.0F, 1.0F);
            to.pixels.push_back(static_cast<std::uint8_t>(std::nearbyint(value * 255.0F)));
        }
        const auto move_up = [](std::vector<float>& values, std::size_t count) {
            std::shift_left(values.begin(), values.end(), static_cast<std::ptrdiff_t>(count));
            std::fill(values.end() - static_cast<std::ptrdiff_t>(count), values.end(), 0.0F);
        };
        move_up(sums_, pixels * colours);
        move_up(weights_, pixels);
    }

  private:
    std::size_t width_;
    std::vector<float> sums_, weights_;
};

/// A tile of the picture as the network takes it.
void cut(const Picture& picture, int left, int top, const Size& tile, const Size& input, std::span<float> to) {
    const std::size_t plane = at(input.width) * at(input.height);
    for (int y = 0; y < input.height; ++y)
        for (int x = 0; x < input.width; ++x) {
            const std::size_t row = at(top + mirrored(y, tile.height)), column = at(left + mirrored(x, tile.width));
            const std::size_t from = colours * (row * at(picture.width) + column);
            for (std::size_t colour = 0; colour < colours; ++colour)
                to[colour * plane + at(y) * at(input.width) + at(x)] =
                    static_cast<float>(picture.pixels[from + colour]) / 255.0F;
        }
}

/// Errors about a weight name the file too.
std::shared_ptr<const ov::Model> graph_of(const Network<UpscalerConfig>& network) {
    try {
        return build_upscaler(network.weights, network.config);
    } catch (const Error& error) {
        throw Error(error.kind(), fmt::format("{}: {}", network.weights.where(), error.what()));
    }
}

}  // namespace

Upscaler::Upscaler(const std::filesystem::path& path, Runtime& runtime)
    : network_(open_upscaler(path)), graph_(graph_of(network_)), runtime_(runtime) {}

CompiledNetwork& Upscaler::compiled(const Size& size, const std::stop_token& stop) {
    return compiled_.get(size, [&] {
        auto model = graph_->clone();
        model->reshape(ov::PartialShape{1, colours, size.height, size.width});
        return runtime_.compile(model, network_.weights.files(), "", stop);
    });
}

Picture Upscaler::enlarge(const Picture& picture, const Tiles& tiles, const Callbacks& callbacks,
                          const std::stop_token& stop) {
    const Size tile{std::min(tiles.side, picture.width), std::min(tiles.side, picture.height)};
    const int unshuffle = network_.config.unshuffle, times = scale();
    const Size input{rounded_up(tile.width, unshuffle), rounded_up(tile.height, unshuffle)};
    CompiledNetwork& network = compiled(input, stop);
    const std::vector<int> tops = tile_starts(picture.height, tiles), lefts = tile_starts(picture.width, tiles);
    const int all = static_cast<int>(tops.size() * lefts.size());
    const std::size_t row_size = at(input.width) * at(times), plane = row_size * at(input.height) * at(times);

    Picture result{picture.width * times, picture.height * times, {}};
    result.pixels.reserve(colours * at(result.width) * at(result.height));
    Band band(result.width, tile.height * times);
    const StageReport report(callbacks, Stage::enlarge, all);
    int done = 0;
    for (std::size_t i = 0; i < tops.size(); ++i) {
        const int top = tops[i];
        const auto down = ramp(tile.height * times, top > 0, top + tile.height < picture.height, tiles.overlap * times);
        for (const int left : lefts) {
            cut(picture, left, top, tile, input, network.input(0));
            const std::span<const float> values = network.run(stop);
            const auto across =
                ramp(tile.width * times, left > 0, left + tile.width < picture.width, tiles.overlap * times);
            for (std::size_t y = 0; y < down.size(); ++y)
                for (std::size_t x = 0; x < across.size(); ++x) {
                    const float weight = down[y] * across[x];
                    const std::size_t column = at(left) * at(times) + x;
                    for (std::size_t colour = 0; colour < colours; ++colour)
                        band.add(y, column, colour, values[colour * plane + y * row_size + x], weight);
                    band.add_weight(y, column, weight);
                }
            report.step(++done);
        }
        const int final_rows = i + 1 < tops.size() ? tops[i + 1] - top : tile.height;
        band.take(final_rows * times, result);
    }
    return result;
}

Upscaler& KeptUpscaler::get(const std::filesystem::path& path, Runtime& runtime) {
    std::error_code none;  // Upscaler says what is wrong with a path
    return kept_.get({path, std::filesystem::last_write_time(path, none)}, [&] { return Upscaler(path, runtime); });
}

Picture enlarged(const Picture& picture, const Size& size, Upscaler* network, const Tiles& tiles,
                 const Callbacks& callbacks, const std::stop_token& stop) {
    // As many times as the web UI tries.
    constexpr int most_times = 3;
    Picture large = picture;
    for (int i = 0; network && i < most_times && (large.width < size.width || large.height < size.height); ++i)
        large = network->enlarge(large, tiles, callbacks, stop);
    return resize_lanczos(large, size.width, size.height);
}

}  // namespace easel
