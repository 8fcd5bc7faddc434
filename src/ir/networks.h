#pragma once

#include "ir/folder.h"
#include "runtime/network_source.h"

namespace easel {

/// The networks of an OpenVINO IR folder. Each file is checked before the runtime reads it (see check_ir). Inputs are
/// found by their names, else by shape and type. Throws Error when a file is broken or a network is not one of Stable
/// Diffusion 1.x.
ModelNetworks networks_of(const IrFolder& folder);

}  // namespace easel
