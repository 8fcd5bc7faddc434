#include <algorithm>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include <easel/easel.h>

#include "base/process.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/flag_names.h"
#include "cli/help_formatter.h"
#include "cli/interruption.h"
#include "cli/parse_errors.h"

namespace {

constexpr int usage_exit_code = 2;
constexpr int failure_exit_code = 1;

constexpr std::string_view examples = R"(Examples:
  easel "cat face"                          draw with the model that ships
  easel "a red fox" -m my.safetensors -W 512 -H 768 --steps 25 --seed 7
  easel "in oil" -i photo.jpg --strength 0.6
  easel "a bench" -i photo.jpg --mask mask.png -o bench.png
  easel inspect cat-face.png                the settings stored in a picture
The word that follows easel is a prompt unless it is one of the sub-commands above:
`easel generate -p inspect` draws that word.)";

void say_error(std::string_view sentence) { easel::cli::tell("easel: {}\n", sentence); }

int exit_code(easel::ErrorKind kind) {
    if (kind == easel::ErrorKind::bad_request) return usage_exit_code;
    return kind == easel::ErrorKind::cancelled ? easel::cli::interrupted_exit_code : failure_exit_code;
}

/// `easel "a prompt" ...` and `easel --steps 20 ...` mean the sub-command generate.
std::vector<std::string> with_default_command(int argc, char** argv, const CLI::App& app) {
    std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.empty()) return {"--help"};
    const std::string& first = arguments.front();
    const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
    const bool is_command =
        std::ranges::any_of(commands, [&](const CLI::App* command) { return command->get_name() == first; });
    const bool is_ours = first == "-h" || first == "--help" || first == "--version";
    if (!is_command && !is_ours) arguments.insert(arguments.begin(), "generate");
    return arguments;
}

int run(int argc, char** argv, std::stop_token stop) {
    CLI::App app("easel draws pictures from words: Stable Diffusion on the OpenVINO runtime.", "easel");
    app.set_version_flag("--version", fmt::format("easel {}", easel::version()));
    app.require_subcommand(1);
    app.formatter(std::make_shared<easel::cli::HelpFormatter>());
    easel::cli::add_generate(app, stop);
    easel::cli::add_run(app, stop);
    easel::cli::add_mask(app, stop);
    easel::cli::add_explain(app, stop);
    easel::cli::add_pull(app, stop);
    easel::cli::add_models(app);
    easel::cli::add_tokenize(app, stop);
    easel::cli::add_inspect(app);
    easel::cli::add_devices(app);
    easel::cli::add_convert(app, stop);
    easel::cli::add_bench(app, stop);
    app.footer(std::string(examples));  // last: sub-commands would take it over

    const std::vector<std::string> arguments = with_default_command(argc, argv, app);
    try {
        app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // the order that CLI11 takes
    } catch (const CLI::Success& asked_for_help) {
        return app.exit(asked_for_help);
    } catch (const CLI::ParseError& error) {
        say_error(easel::cli::sentence_of(error, app));
        return usage_exit_code;
    } catch (const easel::Error& error) {
        say_error(easel::cli::with_flags(error.what(), easel::cli::given_command(app), arguments));
        return exit_code(error.kind());
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    easel::open_closed_streams();
    easel::ignore_write_signals();
    std::stop_source stop;
    const easel::InterruptWatch watch(stop);
    try {
        const int code = run(argc, argv, stop.get_token());
        // A network may still be compiled, and would find the libraries' global objects destroyed.
        if (stop.stop_requested()) std::quick_exit(code);
        return code;
    } catch (const std::bad_alloc&) {
        say_error("there is not enough memory for this; try a smaller --width and --height");
    } catch (const std::exception& error) {
        say_error(fmt::format("something unexpected went wrong ({})", error.what()));
    }
    return failure_exit_code;
}
