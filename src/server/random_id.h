#pragma once

#include <random>
#include <string>

#include <fmt/format.h>

namespace easel::server {

/// A name that nobody guesses: 128 bits of the system's randomness.
inline std::string random_id() {
    std::random_device random;
    return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

}  // namespace easel::server
