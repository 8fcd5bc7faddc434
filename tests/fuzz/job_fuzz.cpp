// Whatever a job file says, it is refused, or it stands for pictures whose keys are known.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <easel/error.h>

#include "jobs/job_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace easel;
    const std::vector<jobs::Key> keys = {
        {{"prompt"}, false}, {{"seed"}, false}, {{"guidance-scale", "cfg-scale"}, false}, {{"overwrite"}, true}};
    try {
        for (const jobs::JobPicture& picture :
             jobs::parse_job({reinterpret_cast<const char*>(data), size}, "job.toml", keys))
            for (const auto& setting : picture.settings)
                if (std::ranges::none_of(keys,
                                         [&](const jobs::Key& key) { return key.names.front() == setting.first; }))
                    std::abort();
    } catch (const Error&) {  // a refusal is as good
    }
    return 0;
}
