// Where a client goes on reading events: at the number that it names, or at the beginning.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "server/http.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto seen = easel::server::last_event_seen({.headers = {{"last-event-id", text}}});
    const std::size_t zeros = std::min(text.find_first_not_of('0'), text.size());
    if (seen != 0 && std::to_string(seen) != text.substr(zeros)) std::abort();
    return 0;
}
