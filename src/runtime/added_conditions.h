#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "runtime/conditioning.h"

namespace easel {

/// Writes the input `added_conditions` of a network, [rows, pooled width + sinusoids of all sizes], for the last `rows`
/// rows of text: the pooled vector, and behind it what `encode_size` gives for each size id. Throws Error if the input
/// takes another number of values.
void write_added_conditions(const Conditioning& conditioning, std::size_t rows,
                            const std::function<std::vector<float>(double)>& encode_size, std::span<float> input);

}  // namespace easel
