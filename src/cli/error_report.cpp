#include "cli/error_report.h"

#include <nlohmann/json.hpp>

#include "base/quoted.h"
#include "cli/console.h"
#include "cli/exit_code.h"
#include "cli/progress.h"

namespace easel::cli {
int report_error(const Error& error, bool as_json) {
    print_err("easel: {}\n", on_one_line(error.what()));
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
