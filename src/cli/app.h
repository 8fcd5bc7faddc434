#pragma once

#include <stop_token>

namespace CLI {
class App;
}

namespace easel::cli {

/// Sets `app` up as the command line of easel: the sub-commands with their flags, --help and --version. A sub-command
/// runs when `app` parses it, until `stop` is requested.
void make_command_line(CLI::App& app, std::stop_token stop);

}  // namespace easel::cli
