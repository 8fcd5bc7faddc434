#pragma once

#include <cstdint>

#include <ATen/core/Generator.h>

namespace easel::train {

/// What random numbers are for: each purpose has a sequence of its own.
enum class Purpose : std::uint64_t { order = 1, captions, step };

/// A generator that depends on the run's seed, the purpose and a number (the step, the round) and on nothing that came
/// before, so that a resumed run draws what an unbroken one does and there is no generator to save. The same
/// numbers on every device.
at::Generator generator_for(std::uint64_t seed, Purpose purpose, std::int64_t number);

}  // namespace easel::train
