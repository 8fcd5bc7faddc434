// A text in base64 is the picture that its bytes are, or refused.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include <nlohmann/json.hpp>

#include <easel/error.h>

#include "base/base64.h"
#include "server/picture_field.h"

using namespace easel;
using namespace easel::server;

/// The first byte says whether the rest is the text or what is in it, so that the fuzzer gets past base64.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (data[0] == 'b') text = base64(text);
    try {
        const std::string bytes = picture_bytes(nlohmann::json(text), "image");
        if (bytes.empty() || from_base64(base64(bytes)) != bytes) std::abort();
        const Picture picture = picture_of(bytes, "image");
        if (picture.pixels.size() != 3 * static_cast<std::size_t>(picture.width) * picture.height) std::abort();
        const Mask mask = mask_of(bytes, "mask");
        if (mask.width != picture.width || mask.height != picture.height) std::abort();
    } catch (const Error&) {  // a refusal is as good
    }
    return 0;
}
