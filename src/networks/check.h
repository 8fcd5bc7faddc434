#pragma once

#include <string>
#include <vector>

#include "weights/checkpoint.h"

namespace easel {

/// Builds all networks of a checkpoint except the VAE's encoder, to find problems with weights before anything slow
/// begins: throws Error as their builders do. Returns a sentence for each network with weights that no builder uses,
/// because its pictures may then differ from what it was trained for; weights that never matter (position ids,
/// averages, leftovers of training) are not counted.
std::vector<std::string> check_networks(const Checkpoint& checkpoint);

}  // namespace easel
