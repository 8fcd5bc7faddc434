#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace easel {

/// The SHA-256 of some bytes in 64 hexadecimal digits (FIPS 180-4). For small files; the hub's are checked by OpenSSL.
std::string sha256(std::span<const std::byte> bytes);

}  // namespace easel
