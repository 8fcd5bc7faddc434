#include "cli/generate_options.h"

#include <string_view>
#include <variant>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "base/error.h"
#include "cli/config_file.h"
#include "cli/model_options.h"
#include "cli/prompt_source.h"
#include "cli/setting_options.h"

namespace easel::cli {
namespace {

/// Throws Error if standard input would be read twice.
void check_standard_input(const GenerateOptions& options, const jobs::InputFiles& inputs) {
    const int readers =
        (options.standard_input_is_read ? 1 : 0) + (inputs.init_image == "-" ? 1 : 0) + (inputs.mask == "-" ? 1 : 0);
    if (readers > 1) fail_usage("standard input can be read only once: for a prompt, `init_image` or `mask`");
}

}  // namespace

void add_flags(CLI::App& command, GenerateOptions& options) {
    const auto prompt = [&options](const std::string& given) {
        return prompt_text(given, options.standard_input_is_read);
    };
    command.add_option("words", options.words, "What to draw; the same as --prompt")->transform(prompt, "");
    for (const jobs::DrawingSetting& setting : jobs::drawing_settings()) {
        const auto take = [&options, &setting](const std::string& text) {
            options.given.emplace_back(key_of(*setting.facts), text);
        };
        CLI::Option* option = add_setting(command, *setting.facts, setting.standard, take);
        if (jobs::is_prompt(*setting.facts)) option->transform(prompt, "");
        if (setting.facts->field == "model") option->description(model_description());
    }
    command.add_flag("--show", options.show, "Open the picture with the desktop's viewer");
    command.add_flag("--quiet", options.quiet, "Print errors only");
    command.add_flag("--json", options.json, "Report on standard output as JSON, one object a line");
}

jobs::Drawing standard_drawing(const jobs::GivenSettings& given) {
    std::vector<std::string_view> decided;
    for (const auto& [key, text] : given)
        if (const jobs::DrawingSetting* setting = jobs::find_drawing_setting(key))
            decided.push_back(setting->facts->field);
    const std::vector<ConfigEntry> config = read_config();
    jobs::Drawing drawing;
    apply_config(config, drawing.request);
    apply_config(config, drawing.engine, decided);
    apply_config(config, drawing.collection);
    return drawing;
}

jobs::Drawing drawing_of(const GenerateOptions& options, const Callbacks& callbacks) {
    jobs::GivenSettings given = options.given;
    if (options.words) {
        for (const auto& [key, text] : given)
            if (key == "prompt")
                fail_usage(
                    "the prompt is given twice, with and without --prompt; put a prompt of several words in quotes");
        given.emplace_back("prompt", *options.words);
    }
    const jobs::Drawing drawing = jobs::read_drawing(given, standard_drawing(given), callbacks.note);
    check_standard_input(options, drawing.inputs);
    return drawing;
}

}  // namespace easel::cli
