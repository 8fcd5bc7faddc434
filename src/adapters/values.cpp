#include "adapters/values.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/vector_clones.h"

namespace easel {
namespace {

/// target += factor * source
void add(float* target, float factor, const float* source, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) target[i] += factor * source[i];
}

/// Four rows of a product's target stay in the nearest cache.
constexpr std::size_t columns_at_once = 512;

/// Adds two products to each of four rows: each value that is read serves two or four multiplications. `f` and `g` are
/// the rows' factors for x and y. That nothing overlaps makes the loop one of vector instructions.
EASEL_VECTOR_CLONES void add_to_four(float* __restrict t0, float* __restrict t1, float* __restrict t2,
                                     float* __restrict t3, const float* __restrict x, const float* __restrict y,
                                     const std::array<float, 4>& f, const std::array<float, 4>& g, std::size_t count) {
    const float f0 = f[0], f1 = f[1], f2 = f[2], f3 = f[3], g0 = g[0], g1 = g[1], g2 = g[2], g3 = g[3];
    for (std::size_t i = 0; i < count; ++i) {
        t0[i] += f0 * x[i] + g0 * y[i];
        t1[i] += f1 * x[i] + g1 * y[i];
        t2[i] += f2 * x[i] + g2 * y[i];
        t3[i] += f3 * x[i] + g3 * y[i];
    }
}

/// The same for rows of the target `columns` apart, and two columns of the left side times two rows of the right one.
void add_four_by_two(float* target, std::size_t columns, const float* left, std::size_t inner, const float* right,
                     std::size_t count) {
    std::array<float, 4> f{}, g{};
    for (std::size_t i = 0; i < 4; ++i) {
        f[i] = left[i * inner];
        g[i] = left[i * inner + 1];
    }
    add_to_four(target, target + columns, target + 2 * columns, target + 3 * columns, right, right + columns, f, g,
                count);
}

std::vector<std::int64_t> sides(std::size_t first, std::size_t second) {
    return {static_cast<std::int64_t>(first), static_cast<std::int64_t>(second)};
}

}  // namespace

Values product(const Values& a, const Values& b) {
    Values result{.shape = sides(a.rows(), b.columns()), .data = std::vector<float>(a.rows() * b.columns())};
    product_rows(a, b, 0, result.data);
    return result;
}

void product_rows(const Values& a, const Values& b, std::size_t first, std::span<float> rows) {
    const std::size_t inner = b.rows(), columns = b.columns(), count = rows.size() / columns;
    std::ranges::fill(rows, 0.0f);
    for (std::size_t column = 0; column < columns; column += columns_at_once) {
        const std::size_t width = std::min(columns_at_once, columns - column);
        std::size_t row = 0;
        for (; row + 4 <= count; row += 4) {
            const float* left = &a.data[(first + row) * inner];
            float* target = &rows[row * columns + column];
            std::size_t k = 0;
            for (; k + 2 <= inner; k += 2)
                add_four_by_two(target, columns, left + k, inner, &b.data[k * columns + column], width);
            for (; k < inner; ++k)
                for (std::size_t i = 0; i < 4; ++i)
                    add(target + i * columns, left[i * inner + k], &b.data[k * columns + column], width);
        }
        for (; row < count; ++row)
            for (std::size_t k = 0; k < inner; ++k)
                add(&rows[row * columns + column], a.data[(first + row) * inner + k], &b.data[k * columns + column],
                    width);
    }
}

Values transpose(const Values& a) {
    const std::size_t rows = a.rows(), columns = a.columns();
    Values result{.shape = sides(columns, rows), .data = std::vector<float>(a.data.size())};
    for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t column = 0; column < columns; ++column)
            result.data[column * rows + row] = a.data[row * columns + column];
    return result;
}

Values hadamard(Values a, const Values& b) {
    for (std::size_t i = 0; i < a.data.size(); ++i) a.data[i] *= b.data[i];
    return a;
}

Values kronecker(const Values& a, const Values& b) {
    const std::size_t m = a.rows(), n = a.columns(), p = b.rows();
    const auto q = static_cast<std::size_t>(b.shape[1]);
    const std::size_t kernel = b.columns() / q;
    Values result{.shape = b.shape, .data = std::vector<float>(a.data.size() * b.data.size())};
    result.shape[0] *= a.shape[0];
    result.shape[1] *= a.shape[1];
    float* target = result.data.data();
    for (std::size_t i = 0; i < m; ++i)
        for (std::size_t k = 0; k < p; ++k)
            for (std::size_t j = 0; j < n; ++j, target += q * kernel)
                add(target, a.data[i * n + j], &b.data[k * q * kernel], q * kernel);
    return result;
}

Values tucker(const Values& core, const Values& out_side, const Values& in_side) {
    const std::size_t m = core.rows(), n = in_side.rows(), in = in_side.columns();
    const std::size_t kernel = core.columns() / n;
    // First over n, to [m, in, ...]; what is left is a product.
    Values inner{.shape = sides(m, in * kernel), .data = std::vector<float>(m * in * kernel)};
    for (std::size_t row = 0; row < m; ++row)
        for (std::size_t k = 0; k < n; ++k)
            for (std::size_t i = 0; i < in; ++i)
                add(&inner.data[(row * in + i) * kernel], in_side.data[k * in + i], &core.data[(row * n + k) * kernel],
                    kernel);
    return product(transpose(out_side), inner);
}

}  // namespace easel
