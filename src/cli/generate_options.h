#pragma once

#include <stop_token>
#include <string>

#include <easel/easel.h>

#include "cli/model_options.h"
#include "cli/progress.h"
#include "person/person_mask.h"

namespace CLI {
class App;
}

namespace easel::cli {

/// The flags of `generate`.
struct GenerateOptions {
    ModelOptions model;
    Request request;
    std::string positional_prompt;
    std::string params_from;
    std::string init_image, mask, auto_mask, save_mask;
    PersonMaskOptions person;
    int batch_count = 1;
    std::string output;
    bool overwrite = false;
    std::string save_latents;
    bool no_metadata = false;
    bool show = false, quiet = false, json = false;
    /// Whether a prompt was taken from standard input, which can be read but once.
    bool standard_input_is_read = false;

    Reporting reporting() const { return quiet ? Reporting::quiet : json ? Reporting::json : Reporting::human; }
};

/// Adds the flags to `command`, which must not outlive `options`.
void add_flags(CLI::App& command, GenerateOptions& options);

/// After `command` was parsed: puts the settings of the picture that --params-from names, else those of the
/// configuration file, under those that the flags gave. Throws Error when either cannot be read, or there is no prompt.
void complete_from_files(CLI::App& command, GenerateOptions& options, const Callbacks& callbacks);

/// What the flags ask for, without the pictures they name. Throws Error of kind bad_request when the prompt is given
/// twice or a mask without its picture; values were checked when their flags were read.
Request request_of(const GenerateOptions& options);

/// Reads the pictures that the flags name, or finds the person, for the request.
void add_pictures(const GenerateOptions& options, Request& request, const Callbacks& callbacks, std::stop_token stop);

/// Notes what a drawn picture's settings have in another way than the picture of --params-from, where no flag decides.
void note_differences(const GenerateOptions& options, const Result& drawn, const Callbacks& callbacks);

}  // namespace easel::cli
