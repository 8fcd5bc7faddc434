#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include <easel/easel.h>

namespace easel::cli {

/// How progress is reported.
enum class Reporting {
    /// A bar on a terminal, plain lines elsewhere; on standard error.
    human,
    /// One JSON object a line, on standard output.
    json,
    quiet,
};

/// Callbacks that report in that way.
Callbacks report_progress(Reporting reporting);

/// Prints one line of Reporting::json.
void print_json(const nlohmann::ordered_json& object);

/// Reports that a picture was written.
void report_picture(Reporting reporting, const std::string& path, const Result& result);

}  // namespace easel::cli
