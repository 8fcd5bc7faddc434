#include "adapters/lora_hash.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/sha256.h"
#include "weights/safetensors.h"

namespace easel {
namespace {

constexpr std::size_t largest_hashed = 64u << 20;

bool is_hash(const std::string& text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

std::string lora_hash(const std::filesystem::path& path) {
    const SafetensorsFile file(path);
    const auto stated = file.metadata().find("sshs_model_hash");
    if (stated != file.metadata().end() && is_hash(stated->second)) return stated->second;

    const std::span<const std::byte> bytes = file.file()->bytes();
    if (bytes.size() > largest_hashed) return "";
    std::uint64_t header = 0;  // the size of the header, found sound above, little-endian
    std::memcpy(&header, bytes.data(), sizeof header);
    return sha256(bytes.subspan(sizeof header + header));
}

}  // namespace easel
