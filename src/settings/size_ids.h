#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <easel/easel.h>

#include "settings/settings.h"
#include "settings/size.h"

namespace easel {

/// What a UNet is told of sizes, as diffusers' pipelines of Stable Diffusion XL have it, for a picture of that size.
/// Nothing where the family is told none.
SizeIds size_ids_of(const Request& request, const ModelFacts& facts, const Size& size, Task task);

/// Whether zeros stand for the negative prompt, which is empty then.
bool has_zero_negative(const Request& request, const ModelFacts& facts);

/// What was asked for of sizes and scores, as it is stored: field and value.
std::vector<std::pair<std::string_view, std::string>> told_sizes(const Request& request);

}  // namespace easel
