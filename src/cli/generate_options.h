#pragma once

#include <optional>
#include <string>

#include <easel/easel.h>

#include "cli/progress.h"
#include "jobs/drawing.h"

namespace CLI {
class App;
}

namespace easel::cli {

/// The flags of `generate`.
struct GenerateOptions {
    /// The flags that are settings of a drawing.
    jobs::GivenSettings given;
    /// The prompt without --prompt.
    std::optional<std::string> words;
    bool show = false, quiet = false, json = false;
    /// Whether a prompt was read from standard input, which can be read only once.
    bool standard_input_is_read = false;

    Reporting reporting() const { return quiet ? Reporting::quiet : json ? Reporting::json : Reporting::human; }
};

/// Adds the flags to `command`, which must not outlive `options`.
void add_flags(CLI::App& command, GenerateOptions& options);

/// What the configuration file says, without the model: it holds unless flags or a job say otherwise. Settings of how
/// to run a model that are in `given` are left out. Throws Error if the file is unsound.
jobs::Drawing standard_drawing(const jobs::GivenSettings& given = {});

/// What the flags ask for, else the configuration file. Throws as jobs::read_drawing() does.
jobs::Drawing drawing_of(const GenerateOptions& options, const Callbacks& callbacks);

}  // namespace easel::cli
