// Whatever the settings text of a picture says, it is refused, or read as settings in their ranges.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "easel/error.h"
#include "settings/stored_settings.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace easel;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        const StoredSettings stored = parse_parameters(text, "picture.png");
        const Request& request = stored.request;
        const bool in_range = request.num_inference_steps.value_or(1) >= 1 && request.width.value_or(1) >= 1 &&
                              request.strength.value_or(0.0) >= 0.0 && request.strength.value_or(0.0) <= 1.0 &&
                              request.clip_skip >= 1;
        if (!in_range || request.prompt.size() > size || parameters_entries(text, "").empty()) std::abort();
    } catch (const Error&) {
    }
    return 0;
}
