#pragma once

#include <easel/error.h>

namespace easel::cli {

/// Prints an error: its sentence on standard error and, if asked for, on standard output the JSON event
/// {"event": "error", "kind": "bad_request", "field": "width", "message": ...}, in which an error that no field is to
/// blame for has no "field". Returns the exit code: 1, 2 for a wrong call, 130 when the work was interrupted.
int report_error(const Error& error, bool as_json);

}  // namespace easel::cli
