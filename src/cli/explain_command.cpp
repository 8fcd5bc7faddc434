#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include "base/output_file.h"
#include "base/output_name.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/interruption.h"
#include "cli/model_options.h"
#include "cli/progress.h"
#include "cli/setting_options.h"
#include "explain/explanation.h"
#include "explain/page.h"
#include "pictures/read.h"
#include "pipeline/stages.h"
#include "settings/table.h"
#include "text/characters.h"

namespace easel::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view explain_examples = R"(Examples:
  easel explain rocket.png          writes rocket-explained.html
  easel explain photo.jpg -p "an old harbour" -m sd15/ -o harbour.html)";

struct ExplainOptions {
    ModelOptions model;
    std::string picture, prompt, output;
    std::optional<std::uint64_t> seed = 0;
    bool overwrite = false, quiet = false;
};

const Setting<ExplainOptions> seed_setting = {{.field = "seed", .flags = "--seed", .kind = SeedNumber{}},
                                              &ExplainOptions::seed};

/// "old harbour" for "old-harbour.jpg".
std::string words_of_name(const fs::path& picture) {
    std::string words = picture.stem().string();
    for (char& c : words)
        if (c == '-' || c == '_') c = ' ';
    return words;
}

void write_page(const ExplainOptions& options, bool prompt_is_given, std::stop_token stop) {
    const Reporting reporting = options.quiet ? Reporting::quiet : Reporting::human;
    const Callbacks callbacks = report_progress(reporting);
    const auto if_exists = options.overwrite ? OutputFile::IfExists::replace : OutputFile::IfExists::refuse;
    const fs::path output =
        options.output.empty() ? fs::path(options.picture).stem().string() + "-explained.html" : options.output;
    check_writable(output, if_exists);
    check_apart("output", output, std::vector<Input>{{"picture", options.picture}, {"model", options.model.model}});

    ExplainRequest request{.picture = read_picture(options.picture, callbacks.note),
                           .name = fs::path(options.picture).filename().string(),
                           .prompt = prompt_is_given ? options.prompt : words_of_name(options.picture),
                           .seed = static_cast<std::uint32_t>(options.seed.value_or(std::random_device()()))};
    check_utf8(request.name, "the picture's name");
    check_value(setting("prompt"), request.prompt);
    const EngineOptions to_open = options.model.engine_options(stop, reporting);
    const StageReport loading(callbacks, Stage::load);
    UntilInterrupted<Model> model(stop, to_open, stop);
    loading.done();
    const std::string page = html_page(explain(request, *model, callbacks, stop));

    OutputFile file(output, if_exists);
    file.write(page);
    file.commit();
    if (!options.quiet) print_out("{}\n", output.string());
}

}  // namespace

void add_explain(CLI::App& app, std::stop_token stop) {
    CLI::App* command =
        app.add_subcommand("explain", "Write an HTML page that shows how diffusion works, with one of your pictures");
    command->footer(std::string(explain_examples));
    const auto options = std::make_shared<ExplainOptions>();
    command->add_option("picture", options->picture, "A PNG, JPEG or WebP picture")->required();
    const auto* prompt = command->add_option("-p,--prompt", options->prompt,
                                             "What the picture shows (default: the words of its file name)");
    options->model.add_model_to(*command);
    command->add_option("-o,--output", options->output, "The HTML file to write (default: PICTURE-explained.html)");
    command->add_flag("--overwrite", options->overwrite, "Replace an existing file");
    add_setting(*command, seed_setting, *options)->description("0 to 2^64 - 1, of which the low 32 bits count");
    options->model.add_runtime_to(*command);
    command->add_flag("--quiet", options->quiet, "Print errors only");
    command->callback([options, prompt, stop] { write_page(*options, prompt->count() > 0, stop); });
}

}  // namespace easel::cli
