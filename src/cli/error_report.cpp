#include "cli/error_report.h"

#include <nlohmann/json.hpp>

#include "cli/console.h"
#include "cli/interruption.h"
#include "cli/progress.h"

namespace easel::cli {
namespace {

constexpr int failure_exit_code = 1;
constexpr int usage_exit_code = 2;

int exit_code(ErrorKind kind) {
    if (kind == ErrorKind::bad_request) return usage_exit_code;
    return kind == ErrorKind::cancelled ? interrupted_exit_code : failure_exit_code;
}

}  // namespace

int report_error(const Error& error, bool as_json) {
    print_err("easel: {}\n", error.what());
    if (as_json) {
        nlohmann::ordered_json event = {{"event", "error"}, {"kind", name(error.kind())}};
        if (!error.field().empty()) event["field"] = error.field();
        event["message"] = error.what();
        try {
            print_json(event);
        } catch (const Error&) {  // standard output is closed or full, which may be this error
        }
    }
    return exit_code(error.kind());
}

}  // namespace easel::cli
