#pragma once

#include <cstdint>
#include <string>

namespace easel::hub {

/// A number of bytes for a person, in powers of 1000: "512 bytes", "3.4 MB", "4.27 GB".
std::string size_text(std::uint64_t bytes);

}  // namespace easel::hub
