#include "server/part_of_picture.h"

#include <algorithm>
#include <cstddef>

#include "pictures/composite.h"
#include "pictures/resize.h"

namespace easel::server {
namespace {

/// Where something that is not black begins and ends on an axis.
struct Range {
    int begin = 0;
    int end = 0;
};

Range padded(Range range, int padding, int limit) {
    return {std::max(0, range.begin - padding), std::min(limit, range.end + padding)};
}

/// Widened on both sides to `size`, moved inside the limit, and cut to it.
Range widened(Range range, int size, int limit) {
    const int more = std::max(0, size - (range.end - range.begin));
    range.begin -= more / 2;
    range.end += more - more / 2;
    if (range.end > limit) range = {range.begin - (range.end - limit), limit};
    if (range.begin < 0) range = {0, range.end - range.begin};
    return {range.begin, std::min(range.end, limit)};
}

}  // namespace

Box box_to_draw(const Mask& mask, int padding, int width, int height) {
    Range x{mask.width, 0}, y{mask.height, 0};
    for (int row = 0; row < mask.height; ++row) {
        for (int column = 0; column < mask.width; ++column) {
            if (mask.pixels[static_cast<std::size_t>(row) * mask.width + column] == 0) continue;
            x = {std::min(x.begin, column), std::max(x.end, column + 1)};
            y = {std::min(y.begin, row), std::max(y.end, row + 1)};
        }
    }
    if (x.end == 0) return {0, 0, mask.width, mask.height};
    x = padded(x, padding, mask.width);
    y = padded(y, padding, mask.height);
    const double aspect = static_cast<double>(width) / height;
    const int columns = x.end - x.begin, rows = y.end - y.begin;
    if (columns > rows * aspect)
        y = widened(y, static_cast<int>(columns / aspect), mask.height);
    else
        x = widened(x, static_cast<int>(rows * aspect), mask.width);
    return {x.begin, y.begin, x.end - x.begin, y.end - y.begin};
}

Picture put_back(const PartOf& part, const Picture& drawn) {
    const Box& box = part.box;
    const Picture sized = resize_lanczos(drawn, box.width, box.height);
    Picture whole = part.whole;
    const auto bytes_of_row = static_cast<std::ptrdiff_t>(3) * box.width;
    for (int row = 0; row < box.height; ++row) {
        const auto from = sized.pixels.begin() + row * bytes_of_row;
        const auto to =
            static_cast<std::ptrdiff_t>(3) * (static_cast<std::ptrdiff_t>(box.top + row) * whole.width + box.left);
        std::copy(from, from + bytes_of_row, whole.pixels.begin() + to);
    }
    return composite(part.whole, whole, part.mask);
}

}  // namespace easel::server
