#include "train/step_random.h"

#include <ATen/CPUGeneratorImpl.h>

namespace easel::train {
namespace {

/// The finalizer of SplitMix64 (Steele et al. 2014): every bit of the input changes half of the output's.
std::uint64_t mixed(std::uint64_t value) {
    value += 0x9e3779b97f4a7c15;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
}

}  // namespace

at::Generator generator_for(std::uint64_t seed, Purpose purpose, std::int64_t number) {
    const std::uint64_t of_purpose = mixed(mixed(seed) ^ static_cast<std::uint64_t>(purpose));
    return at::detail::createCPUGenerator(mixed(of_purpose ^ static_cast<std::uint64_t>(number)));
}

}  // namespace easel::train
