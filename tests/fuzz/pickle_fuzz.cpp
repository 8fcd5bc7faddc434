#include <cstddef>
#include <cstdint>
#include <span>

#include <easel/error.h>

#include "adapters/embedding_file.h"

/// Whatever the bytes are: they are an embedding, or are refused with an Error.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        easel::read_embedding("fuzzed", std::as_bytes(std::span(data, size)));
    } catch (const easel::Error&) {
    }
    return 0;
}
