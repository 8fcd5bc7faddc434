// An OpenVINO IR of any bytes is either found sound or refused with a sentence.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <easel/error.h>

#include "ir/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        easel::check_ir({reinterpret_cast<const char*>(data), size}, 1000, "fuzz.xml");
    } catch (const easel::Error&) {  // a refusal
    }
    return 0;
}
