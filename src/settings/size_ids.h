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
SizeIds size_ids_of(const Request& request, const Size& size, Task task);

/// Those that were asked for, as they are stored: field and value.
std::vector<std::pair<std::string_view, std::string>> told_sizes(const Request& request);

}  // namespace easel
