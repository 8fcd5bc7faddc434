#include "adapters/values.h"

#include <utility>

namespace easel {
namespace {

/// target += factor * source
void add(float* target, float factor, const float* source, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) target[i] += factor * source[i];
}

std::vector<std::int64_t> sides(std::size_t first, std::size_t second) {
    return {static_cast<std::int64_t>(first), static_cast<std::int64_t>(second)};
}

}  // namespace

Values product(const Values& a, const Values& b) {
    const std::size_t rows = a.rows(), inner = b.rows(), columns = b.columns();
    Values result{.shape = sides(rows, columns), .data = std::vector<float>(rows * columns)};
    for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t k = 0; k < inner; ++k)
            add(&result.data[row * columns], a.data[row * inner + k], &b.data[k * columns], columns);
    return result;
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
