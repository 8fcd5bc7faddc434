// Whatever a claim's file says, it is no claimant, or one that may be shown and that is written and read back the same.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "jobs/claimant.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace easel::jobs;
    const auto claimant = claimant_of({reinterpret_cast<const char*>(data), size});
    if (!claimant) return 0;
    has_ended(*claimant);
    if (std::ranges::any_of(describe(*claimant), [](char c) { return c < ' ' || c > '~'; })) std::abort();
    const auto again = claimant_of(text_of(*claimant));
    if (!again || text_of(*again) != text_of(*claimant)) std::abort();
    return 0;
}
