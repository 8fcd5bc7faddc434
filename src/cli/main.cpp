#include <algorithm>
#include <cstdlib>
#include <exception>
#include <new>
#include <stop_token>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include <easel/error.h>

#include "base/process.h"
#include "cli/app.h"
#include "cli/arguments.h"
#include "cli/command_names.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/error_report.h"
#include "cli/flag_names.h"
#include "cli/parse_errors.h"

namespace {

using namespace easel;
using namespace easel::cli;

/// Runs the command line. Throws Error for whatever goes wrong, with flags in place of fields.
void run(const std::vector<std::string>& given, CLI::App& app) {
    // Its flags are not ours to read.
    if (given.size() > 1 && given[0] == "train" && given[1] != "--help" && given[1] != "-h")
        run_trainer({given.begin() + 1, given.end()});
    const Arguments arguments = read_arguments(given, app);
    try {
        app.parse(std::vector<std::string>(arguments.words.rbegin(), arguments.words.rend()));  // as CLI11 takes them
    } catch (const CLI::CallForVersion& version) {
        print_out("{}\n", version.what());
    } catch (const CLI::CallForHelp&) {
        write_out(app.help());
    } catch (const CLI::ParseError& error) {
        throw error_of(error, app, arguments.flags);
    } catch (const Error& error) {
        throw Error(error.kind(), with_flags(error.what(), given_command(app), arguments.flags), error.field());
    } catch (const std::bad_alloc&) {
        throw Error(ErrorKind::no_memory, with_flags("there is not enough memory; try a smaller `width` and `height`",
                                                     given_command(app), arguments.flags));
    }
}

/// Whether errors are reported as JSON too; found without parsing, as the command line may be wrong.
bool is_json(const std::vector<std::string>& given) {
    const auto end = std::ranges::find(given, "--");
    return std::find_if(given.begin(), end, [](const std::string& argument) {
               return argument == "--json" || argument == "--json=true";
           }) != end;
}

}  // namespace

int main(int argc, char** argv) {
    open_closed_streams();
    ignore_write_signals();
    std::stop_source stop;
    const InterruptWatch watch(stop);
    const std::vector<std::string> given(argv + 1, argv + argc);
    try {
        CLI::App app;
        make_command_line(app, stop.get_token());
        run(given, app);
        return 0;
    } catch (const Error& error) {
        const int code = report_error(error, is_json(given));
        // The thread that compiles a network may still run, and needs the libraries' global objects.
        if (stop.stop_requested()) std::quick_exit(code);
        return code;
    } catch (const std::exception& error) {
        return report_error(Error(ErrorKind::failed, fmt::format("something unexpected went wrong ({})", error.what())),
                            is_json(given));
    }
}
