#pragma once

#include <stop_token>

namespace CLI {
class App;
}

namespace easel::cli {

/// Makes `app` the command line of easel: its sub-commands with their flags, and what --help and --version show. A
/// sub-command runs when `app` parses it. `stop` stops that.
void make_command_line(CLI::App& app, std::stop_token stop);

}  // namespace easel::cli
