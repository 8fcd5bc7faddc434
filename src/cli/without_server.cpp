// Stands in for serve_command.cpp in a build without the server (EASEL_SERVER=OFF).
#include "cli/commands.h"

namespace easel::cli {

void add_serve(CLI::App&, std::stop_token) {}

}  // namespace easel::cli
