// Whatever a hub answers, it is refused, or it lists files that stay within their folder.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <easel/error.h>

#include "hub/checksum.h"
#include "hub/file_choice.h"
#include "hub/repository.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace easel;
    try {
        const hub::Listing listing = hub::parse_listing({reinterpret_cast<const char*>(data), size}, "a/b on hub");
        if (!hub::is_commit(listing.commit)) std::abort();
        std::vector<std::string> names;
        for (const hub::RemoteFile& file : listing.files) {
            if (!hub::is_safe_path(file.path) || !(file.checksum.empty() || hub::is_checksum(file.checksum)))
                std::abort();
            names.push_back(file.path);
        }
        for (const std::string& chosen : hub::choose_files(names, {}, "a/b").files)
            if (std::ranges::find(names, chosen) == names.end()) std::abort();
    } catch (const Error&) {  // a refusal is as good
    }
    return 0;
}
