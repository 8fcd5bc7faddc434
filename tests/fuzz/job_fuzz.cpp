// Whatever a job file says, it is refused, or it stands for pictures whose flags the command line knows.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <easel/error.h>

#include "cli/job.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace easel;
    CLI::App generate;
    std::string text;
    double number = 0;
    bool flag = false;
    generate.add_option("-p,--prompt", text);
    generate.add_option("--seed", number);
    generate.add_option("--cfg-scale,--guidance-scale", number);
    generate.add_flag("--overwrite", flag);
    try {
        for (const cli::JobPicture& picture :
             cli::parse_job({reinterpret_cast<const char*>(data), size}, "job.toml", generate))
            if (picture.arguments(generate).size() > 2 * picture.settings.size()) std::abort();
    } catch (const Error&) {  // a refusal is as good
    }
    return 0;
}
