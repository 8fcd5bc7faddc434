#include <memory>
#include <string>
#include <string_view>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <easel/easel.h>

#include "cli/commands.h"
#include "cli/drawing.h"
#include "cli/flag_names.h"
#include "cli/generate_options.h"
#include "cli/interruption.h"
#include "cli/notes.h"
#include "cli/progress.h"
#include "cli/shipped_model_notes.h"

namespace easel::cli {
namespace {

constexpr std::string_view examples = R"(Examples:
  easel "cat face" --seed 7 -b 4              four pictures, seeds 7 to 10
  easel "a castle" -n blurry -m sd15/ --sampler euler_a --steps 30
  easel "a castle in winter" -i castle.png --strength 0.5
  easel "a tower" -i castle.png --mask tower.png --mask-blur 4 -o tower.png
  easel "a fox" -b 8 -o foxes/%03d.jpg        foxes/001.jpg to foxes/008.jpg)";

void generate(CLI::App& command, GenerateOptions& options, std::stop_token stop) {
    const Callbacks callbacks = notes_once(report_progress(options.reporting()),
                                           [&](const std::string& note) { return with_flags(note, command, {}); });
    complete_from_files(command, options, callbacks);
    Request request = request_of(options);
    add_pictures(options, request, callbacks, stop);
    const Outputs files = outputs(options, request.prompt);

    const EngineOptions to_open = options.model.engine_options(stop, options.reporting());
    UntilInterrupted<Engine> engine(stop, to_open, callbacks, stop);
    for (std::size_t i = 0; i < files.pictures.size(); ++i) {
        const Result drawn = draw(*engine, request, options, files, i, callbacks, stop);
        if (i == 0) note_differences(options, drawn, callbacks);
        request.seed = drawn.seed + 1;  // past the greatest seed they begin again at 0
    }
    if (options.model.model.empty() && to_open.model == find_shipped_model("emoji-starter"))
        tell_of_models(to_open.model, request.prompt, callbacks);
}

}  // namespace

void add_generate(CLI::App& app, std::stop_token stop) {
    CLI::App* command = app.add_subcommand("generate", "Draw pictures; the default when no sub-command is named");
    command->footer(std::string(examples));
    const auto options = std::make_shared<GenerateOptions>();
    add_flags(*command, *options);
    command->callback([command, options, stop] { generate(*command, *options, stop); });
}

}  // namespace easel::cli
