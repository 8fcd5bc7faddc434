#pragma once

#include <cstdint>

#include <openvino/core/model.hpp>

#include "runtime/compiled_network.h"
#include "runtime/network_source.h"

namespace easel {

/// An estimate of the bytes that a compiled network takes: its weights and the most intermediate results that are
/// needed at one time, all of `precision`. The shapes must be fixed.
std::uint64_t estimated_memory(const ov::Model& model, const ov::element::Type& precision);

/// The same for the network that `runtime` would compile.
std::uint64_t estimated_memory(const Runtime& runtime, const TextEncoderSource& source, const TextEncoderKey& key);
std::uint64_t estimated_memory(const Runtime& runtime, const UNetSource& source, const UNetKey& key);
std::uint64_t estimated_memory(const Runtime& runtime, const VaeSource& source, const LatentSize& size);
/// Of both networks.
std::uint64_t estimated_memory(const Runtime& runtime, const ControlNetNetworks& source, const ControlNetKey& key);

}  // namespace easel
