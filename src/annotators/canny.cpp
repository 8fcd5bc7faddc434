#include "annotators/canny.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "annotators/planes.h"

namespace easel {
namespace {

struct Gradient {
    int dx = 0, dy = 0;
    int size() const { return std::abs(dx) + std::abs(dy); }
};

/// The gradients, with a border of zeros of one pixel around them.
class Gradients {
  public:
    explicit Gradients(const Picture& picture)
        : row_(static_cast<std::size_t>(picture.width) + 2),
          values_(row_ * (static_cast<std::size_t>(picture.height) + 2)) {
        for (int y = 0; y < picture.height; ++y)
            for (int x = 0; x < picture.width; ++x) values_[index(x, y)] = gradient(picture, x, y);
    }

    std::size_t index(int x, int y) const {
        return (static_cast<std::size_t>(y) + 1) * row_ + static_cast<std::size_t>(x) + 1;
    }
    std::size_t row() const { return row_; }
    const Gradient& operator[](std::size_t i) const { return values_[i]; }
    std::size_t count() const { return values_.size(); }

  private:
    /// Of the channel that changes most; pixels at the edges are repeated beyond them.
    static Gradient gradient(const Picture& picture, int x, int y) {
        Gradient greatest;
        for (int channel = 0; channel < 3; ++channel) {
            const auto at = [&](int right, int down) {
                const int column = std::clamp(x + right, 0, picture.width - 1);
                const int line = std::clamp(y + down, 0, picture.height - 1);
                return static_cast<int>(
                    picture.pixels[3 * (static_cast<std::size_t>(line) * static_cast<std::size_t>(picture.width) +
                                        static_cast<std::size_t>(column)) +
                                   static_cast<std::size_t>(channel)]);
            };
            const Gradient here{.dx = at(1, -1) + 2 * at(1, 0) + at(1, 1) - at(-1, -1) - 2 * at(-1, 0) - at(-1, 1),
                                .dy = at(-1, 1) + 2 * at(0, 1) + at(1, 1) - at(-1, -1) - 2 * at(0, -1) - at(1, -1)};
            if (channel == 0 || here.size() > greatest.size()) greatest = here;
        }
        return greatest;
    }

    std::size_t row_;
    std::vector<Gradient> values_;
};

/// Whether a gradient is the greatest across its edge.
bool is_ridge(const Gradients& gradients, std::size_t i) {
    // tan(22.5 degrees) in fixed point, with which OpenCV tells four directions apart.
    constexpr int shift = 15;
    constexpr std::int64_t tangent = 13573;
    const Gradient& here = gradients[i];
    const int size = here.size();
    const std::int64_t x = std::abs(here.dx), y = static_cast<std::int64_t>(std::abs(here.dy)) << shift;
    const std::int64_t low = x * tangent, high = low + (x << (shift + 1));
    const std::size_t row = gradients.row();
    const auto at = [&](std::size_t place) { return gradients[place].size(); };
    if (y < low) return size > at(i - 1) && size >= at(i + 1);
    if (y > high) return size > at(i - row) && size >= at(i + row);
    const bool falls = (here.dx ^ here.dy) < 0;
    return falls ? size > at(i - row + 1) && size > at(i + row - 1) : size > at(i - row - 1) && size > at(i + row + 1);
}

}  // namespace

Picture canny(const Picture& picture, const AnnotatorOptions& options) {
    const Gradients gradients(picture);
    const double low = std::floor(std::min(options.low, options.high));
    const double high = std::floor(std::max(options.low, options.high));
    enum class Place : std::uint8_t { none, perhaps, edge };
    std::vector<Place> places(gradients.count(), Place::none);
    std::vector<std::size_t> to_follow;
    for (int y = 0; y < picture.height; ++y)
        for (int x = 0; x < picture.width; ++x) {
            const std::size_t i = gradients.index(x, y);
            const int size = gradients[i].size();
            if (size <= low || !is_ridge(gradients, i)) continue;
            places[i] = size > high ? Place::edge : Place::perhaps;
            if (size > high) to_follow.push_back(i);
        }
    const auto row = static_cast<std::ptrdiff_t>(gradients.row());
    while (!to_follow.empty()) {
        const auto i = static_cast<std::ptrdiff_t>(to_follow.back());
        to_follow.pop_back();
        for (const std::ptrdiff_t step :
             {-row - 1, -row, -row + 1, std::ptrdiff_t{-1}, std::ptrdiff_t{1}, row - 1, row, row + 1}) {
            Place& place = places[static_cast<std::size_t>(i + step)];
            if (place != Place::perhaps) continue;
            place = Place::edge;
            to_follow.push_back(static_cast<std::size_t>(i + step));
        }
    }
    std::vector<float> values;
    for (int y = 0; y < picture.height; ++y)
        for (int x = 0; x < picture.width; ++x)
            values.push_back(places[gradients.index(x, y)] == Place::edge ? 255.0F : 0.0F);
    return grey_picture(picture.width, picture.height, values);
}

}  // namespace easel
