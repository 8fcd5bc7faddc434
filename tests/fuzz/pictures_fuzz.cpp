#include <cstddef>
#include <cstdint>
#include <span>

#include <easel/error.h>

#include "pictures/parameters.h"
#include "pictures/read.h"

/// A small file can be a large picture: freed ones are not to be kept until the memory limit is reached.
extern "C" const char* __asan_default_options() { return "quarantine_size_mb=16"; }

/// Any bytes as a picture file: it is read or refused, and so are the settings in it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    easel::find_parameters(bytes);
    try {
        easel::decode_picture(bytes, "it");
    } catch (const easel::Error&) {  // a refusal is as good
    }
    return 0;
}
