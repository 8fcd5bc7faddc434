#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <easel/error.h>

#include "weights/configs.h"
#include "weights/contents.h"
#include "weights/inferred_configs.h"
#include "weights/safetensors.h"

/// Whatever the bytes are: they are read or refused with an Error, and so is what single files' names and shapes tell.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace easel;
    try {
        const SafetensorsContent content = parse_safetensors(std::as_bytes(std::span(data, size)), "fuzzed");
        const Contents contents = contents_of(content.tensors);
        if (contents.name.empty()) std::abort();
        const NamedTensors tensors(content.tensors.begin(), content.tensors.end());
        const auto try_config = [&](auto infer, auto parse) {
            try {
                std::vector<std::string> notes;
                parse(infer(tensors, "fuzzed"), "fuzzed", notes);
            } catch (const Error&) {
            }
        };
        try_config(inferred_text_encoder_config, parse_text_encoder_config);
        try_config(inferred_unet_config, parse_unet_config);
        try_config(inferred_vae_config, parse_vae_config);
    } catch (const Error&) {
    }
    return 0;
}
