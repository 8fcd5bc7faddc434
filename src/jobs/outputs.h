#pragma once

#include <filesystem>
#include <stop_token>
#include <vector>

#include <easel/easel.h>

#include "base/output_file.h"
#include "jobs/drawing.h"

namespace easel::jobs {

/// The files that one picture is written to.
struct OutputFiles {
    std::filesystem::path picture;
    /// Empty: not written. Only the first picture of a batch writes the mask, which is the same for all.
    std::filesystem::path latents, mask;
    /// Whether the settings are stored in the picture.
    bool metadata = true;
    OutputFile::IfExists if_exists = OutputFile::IfExists::refuse;
    /// Of latents and mask: a job that was stopped may have left those of a picture that is missing.
    OutputFile::IfExists if_others_exist = OutputFile::IfExists::refuse;
};

/// The files of `count` pictures of the drawing. Throws Error unless all of them can be written, and if one would
/// replace a file that the drawing reads.
std::vector<OutputFiles> output_files(const Drawing& drawing, int count);

/// Draws a picture and writes its files. Throws Error as Engine::generate() does, and if a file cannot be written. The
/// picture is then kept in the folder for temporary files, and the sentence says where.
Result draw(Engine& engine, const Request& request, const OutputFiles& files, const Callbacks& callbacks,
            std::stop_token stop);

}  // namespace easel::jobs
