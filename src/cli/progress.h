#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include <easel/easel.h>

namespace easel::cli {

/// How the work is told while it runs.
enum class Reporting {
    /// A bar on a terminal, plain lines elsewhere; on standard error.
    human,
    /// One JSON object a line, on standard output.
    json,
    quiet,
};

/// Callbacks that tell of the work in that way.
Callbacks report_progress(Reporting reporting);

/// Prints one line of Reporting::json.
void print_json(const nlohmann::json& object);

/// Tells of a picture that is written.
void report_picture(Reporting reporting, const std::string& path, const Result& result);

}  // namespace easel::cli
