#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
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

struct Drawn {
    Result result;
    /// Whether the files were written. They are not if the picture may neither be replaced nor is an error
    /// (OutputFile::IfExists::keep), and one has come into being meanwhile.
    bool is_written = true;
};

/// Draws a picture and writes its files. Throws Error as Engine::generate() does, and if a file cannot be written. The
/// picture is then kept in the folder for temporary files, and the sentence says where.
Drawn draw(Engine& engine, const Request& request, const OutputFiles& files, const Callbacks& callbacks,
           std::stop_token stop);

/// Saves a picture that was not written in the folder for temporary files. Returns a clause that says where it is.
std::string kept_elsewhere(const Result& drawn, const OutputFiles& files);

}  // namespace easel::jobs
