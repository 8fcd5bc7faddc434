// A form is read into parts of it, or refused.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <easel/error.h>

#include "server/multipart.h"

/// The first line is the Content-Type, the rest the body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::size_t line = input.find('\n');
    if (line == std::string_view::npos) return 0;
    const std::string_view body = input.substr(line + 1);
    try {
        const auto fields = easel::server::parse_form(body, input.substr(0, line));
        if (fields.size() > 64) std::abort();
        const char* end = body.data();  // the fields follow one another in the body
        for (const auto& field : fields) {
            if (field.content.data() < end) std::abort();
            end = field.content.data() + field.content.size();
        }
        if (end > body.data() + body.size()) std::abort();
    } catch (const easel::Error&) {  // a refusal is as good
    }
    return 0;
}
