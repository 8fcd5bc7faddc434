#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace easel {

/// A tensor's values, row-major, in f32.
struct Values {
    std::vector<std::int64_t> shape;
    std::vector<float> data;

    /// Length along the first dimension, and elements in each of its rows; a matrix has those.
    std::size_t rows() const { return static_cast<std::size_t>(shape.front()); }
    std::size_t columns() const { return data.size() / rows(); }
};

// In these a tensor counts as the matrix of its first dimension and all others.

/// a [m, k] times b [k, n]: [m, n].
Values product(const Values& a, const Values& b);
/// Rows of that, from the one at `first` to as many as `rows` has room for.
void product_rows(const Values& a, const Values& b, std::size_t first, std::span<float> rows);
/// [n, m].
Values transpose(const Values& a);
/// Element by element.
Values hadamard(Values a, const Values& b);
/// Kronecker's product of a [m, n] and b [p, q, ...]: [m p, n q, ...].
Values kronecker(const Values& a, const Values& b);
/// The sum over m and n of core [m, n, ...] with out_side [m, o] and in_side [n, i]: [o, i, ...] (Tucker 1966).
Values tucker(const Values& core, const Values& out_side, const Values& in_side);

}  // namespace easel
