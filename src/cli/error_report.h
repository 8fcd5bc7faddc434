#pragma once

#include <easel/error.h>

namespace easel::cli {

/// Prints an error: its sentence on standard error and, with `as_json`, on standard output the JSON event
/// {"event": "error", "kind": "bad_request", "field": "width", "message": ...}. "field" is left out unless a field is
/// wrong. Returns the exit code: 1, 2 for a wrong call, 130 if the work was interrupted.
int report_error(const Error& error, bool as_json);

}  // namespace easel::cli
