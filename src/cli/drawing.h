#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include <easel/easel.h>

#include "base/output_file.h"
#include "cli/generate_options.h"

namespace easel::cli {

/// Where pictures and, if asked for, their latents and their mask go.
struct Outputs {
    std::vector<std::filesystem::path> pictures, latents;
    std::filesystem::path mask;
    OutputFile::IfExists if_exists = OutputFile::IfExists::refuse;
    /// Of latents and mask. A job that goes on after a stop finds those of a picture that it did not come to write.
    OutputFile::IfExists if_others_exist = OutputFile::IfExists::refuse;
};

/// The files that --batch-count pictures of `prompt` go to. Throws Error unless all of them can be written.
Outputs outputs(const GenerateOptions& options, const std::string& prompt);

/// Draws the picture of number `index` and writes its files.
Result draw(Engine& engine, const Request& request, const GenerateOptions& options, const Outputs& files,
            std::size_t index, const Callbacks& callbacks, std::stop_token stop);

}  // namespace easel::cli
