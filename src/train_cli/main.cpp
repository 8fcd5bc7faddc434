#include <algorithm>
#include <exception>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include <easel/version.h>

#include "base/error.h"
#include "base/field_names.h"
#include "base/process.h"
#include "base/quoted.h"
#include "cli/console.h"
#include "cli/exit_code.h"
#include "train_cli/commands.h"
#include "train_cli/config_file.h"

namespace {

using namespace easel;

/// The arguments with the settings of a `--config FILE` before the flags, which go over them.
std::vector<std::string> with_config(std::vector<std::string> arguments) {
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        std::string file;
        if (arguments[i] == "--config" && i + 1 < arguments.size()) file = arguments[i + 1];
        if (arguments[i].starts_with("--config=")) file = arguments[i].substr(std::string("--config=").size());
        if (file.empty()) continue;
        const std::vector<std::string> flags = train_cli::read_config_file(file).flags;
        arguments.insert(arguments.begin() + 1, flags.begin(), flags.end());
        break;
    }
    return arguments;
}

/// "--batch-size" of "batch_size".
std::string flag_of(std::string_view field) {
    std::string flag = fmt::format("--{}", field);
    std::ranges::replace(flag, '_', '-');
    return flag;
}

void run(const std::vector<std::string>& given, std::stop_token stop) {
    CLI::App app("Trains the networks of Stable Diffusion.", "easel-train");
    app.require_subcommand(1);
    app.set_version_flag("--version", std::string("easel-train ") + EASEL_VERSION_STRING);
    train_cli::add_data_command(app, stop);
    train_cli::add_vae_command(app, stop);
    train_cli::add_diffusion_command(app, stop);
    train_cli::add_finetune_command(app, stop);
    train_cli::add_sample_command(app, stop);
    train_cli::add_evaluate_command(app, stop);
    try {
        std::vector<std::string> arguments = with_config(given);
        std::ranges::reverse(arguments);  // as CLI11 takes them
        app.parse(arguments);
    } catch (const CLI::CallForVersion& version) {
        cli::print_out("{}\n", version.what());
    } catch (const CLI::CallForHelp&) {
        const auto commands = app.get_subcommands();
        cli::write_out(commands.empty() ? app.help() : commands.front()->help());
    } catch (const CLI::ParseError& error) {
        fail_usage("{}; easel-train --help lists the commands", error.what());
    }
}

}  // namespace

int main(int argc, char** argv) {
    open_closed_streams();
    ignore_write_signals();
    std::stop_source stop;
    const InterruptWatch watch(stop);
    const auto report = [](const std::string& sentence, ErrorKind kind) {
        cli::print_err("easel-train: {}\n", on_one_line(with_field_names(sentence, flag_of)));
        return cli::exit_code(kind);
    };
    try {
        run(std::vector<std::string>(argv + 1, argv + argc), stop.get_token());
        return 0;
    } catch (const Error& error) {
        return report(error.what(), error.kind());
    } catch (const std::exception& error) {
        return report(fmt::format("something unexpected went wrong ({})", error.what()), ErrorKind::failed);
    }
}
