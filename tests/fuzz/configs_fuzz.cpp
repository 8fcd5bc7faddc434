// Whatever a model's own JSON says, it is refused, or it describes networks whose sizes can be computed with.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <easel/error.h>

#include "base/json.h"
#include "settings/model_defaults.h"
#include "weights/configs.h"

namespace {

using namespace easel;

void read_config(char part, std::string_view text) {
    std::vector<std::string> notes;
    if (part == 't') {
        const TextEncoderConfig config =
            parse_text_encoder_config(parse_json(text, "config.json"), "config.json", notes);
        if (config.hidden_size % config.num_attention_heads != 0) std::abort();
    } else if (part == 'u') {
        const UNetConfig config = parse_unet_config(parse_json(text, "config.json"), "config.json", notes);
        for (const UNetLevel& level : config.levels)
            if (level.width % config.norm_num_groups != 0) std::abort();
    } else if (part == 'v') {
        const VaeConfig config = parse_vae_config(parse_json(text, "config.json"), "config.json", notes);
        if (config.levels() < 1 || config.downsampling() < 1) std::abort();
    } else {
        const ModelDefaults defaults = parse_model_defaults(text, "easel.json", notes);
        if (defaults.num_inference_steps.value_or(1) < 1 || defaults.width.value_or(1) < 1) std::abort();
    }
}

}  // namespace

/// The first byte says what the rest is: the config.json of a 't'ext encoder, a 'u'net or a 'v'ae, else an easel.json.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    try {
        read_config(static_cast<char>(data[0]), {reinterpret_cast<const char*>(data) + 1, size - 1});
    } catch (const Error&) {  // a refusal is as good
    }
    return 0;
}
