#pragma once

#include <memory>

#include <openvino/core/model.hpp>
#include <openvino/core/type/element_type.hpp>

namespace easel {

/// Rewrites each doubling of a picture (nearest neighbour) that a 3x3 convolution follows into one step on the small
/// picture. A 3x3 kernel over doubled pixels sees each of them more than once: for each of the four positions within a
/// doubled pixel its taps add up to a 2x2 kernel, 16 products for 36. Equal except for rounding.
///
/// The shapes of `model` must be fixed, because only an exact doubling can be folded: a level of odd size is not
/// changed. The sums are computed in f32 and stored as `kernels`, f32 or bf16. Returns the number of rewritten
/// convolutions.
int fold_upsampling(const std::shared_ptr<ov::Model>& model, const ov::element::Type& kernels);

}  // namespace easel
