#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <easel/easel.h>

#include "base/process.h"
#include "cli/commands.h"
#include "cli/flag_names.h"
#include "cli/generate_options.h"
#include "cli/interruption.h"
#include "cli/model_options.h"
#include "cli/notes.h"
#include "cli/progress.h"
#include "cli/shipped_model_notes.h"
#include "jobs/inputs.h"
#include "jobs/outputs.h"

namespace easel::cli {
namespace {

constexpr std::string_view generate_examples = R"(Examples:
  easel "cat face" --seed 7 -b 4              four pictures, seeds 7 to 10
  easel "a castle" -n blurry -m sd15/ --sampler euler_a --steps 30
  easel "a castle in winter" -i castle.png --strength 0.5
  easel "a tower" -i castle.png --mask tower.png --mask-blur 4 -o tower.png
  easel "a fox" -b 8 -o foxes/%03d.jpg        foxes/001.jpg to foxes/008.jpg)";

void generate(CLI::App& command, GenerateOptions& options, std::stop_token stop) {
    const Callbacks callbacks = notes_once(report_progress(options.reporting()),
                                           [&](const std::string& note) { return with_flags(note, command, {}); });
    const jobs::Drawing drawing = drawing_of(options, callbacks);
    if (options.show) check_viewer();
    Request request = jobs::InputReader(callbacks.note, stop).request_of(drawing);
    const std::vector<jobs::OutputFiles> files = jobs::output_files(drawing, drawing.batch_count);

    const EngineOptions to_open = with_local_model(drawing.engine, stop, options.reporting());
    UntilInterrupted<Engine> engine(stop, to_open, callbacks, stop);
    for (const jobs::OutputFiles& file : files) {
        const Result drawn = jobs::draw(*engine, request, file, callbacks, stop).result;
        report_picture(options.reporting(), file.picture.string(), drawn);
        if (options.show) open_with_viewer(file.picture);
        jobs::note_differences(drawing.params_from, drawn, callbacks.note);
        request.seed = drawn.seed + 1;  // past the greatest seed they begin again at 0
    }
    if (drawing.engine.model.empty() && to_open.model == find_shipped_model("emoji"))
        note_shipped_model(to_open.model, request.prompt, callbacks);
}

}  // namespace

void add_generate(CLI::App& app, std::stop_token stop) {
    CLI::App* command = app.add_subcommand("generate", "Draw pictures; the default if no sub-command is given");
    command->footer(std::string(generate_examples));
    const auto options = std::make_shared<GenerateOptions>();
    add_flags(*command, *options);
    command->callback([command, options, stop] { generate(*command, *options, stop); });
}

}  // namespace easel::cli
