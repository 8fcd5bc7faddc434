#pragma once

#include <string>
#include <vector>

#include "weights/checkpoint.h"

namespace easel {

/// Describes all networks of a checkpoint but the VAE's encoder, which finds what is wrong with a weight before
/// anything slow is begun: throws Error as their builders do. Returns a sentence for each network that has weights
/// which no builder takes, so that what it draws may not be what it was trained for; weights that never matter
/// (position ids, averages, what is left over from training) are not counted.
std::vector<std::string> check_networks(const Checkpoint& checkpoint);

}  // namespace easel
