#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "base/error.h"
#include "base/files.h"
#include "base/process.h"
#include "cli/commands.h"

namespace easel::cli {

void run_trainer(std::vector<std::string> arguments) {
    const std::filesystem::path program = executable_path().parent_path() / "easel-train";
    if (!path_exists(program))
        fail(ErrorKind::not_found, "{}: is not there; building easel where LibTorch is found makes it",
             program.string());
    become_program(program, std::move(arguments));
}

void add_train(CLI::App& app) {
    CLI::App* command = app.add_subcommand("train", "Train networks: hands all that follows to easel-train");
    command->footer("easel-train --help lists its commands.");
    command->callback([] { run_trainer({}); });
}

}  // namespace easel::cli
