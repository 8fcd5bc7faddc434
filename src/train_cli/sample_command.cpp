#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "cli/console.h"
#include "train/run.h"
#include "train_cli/commands.h"
#include "train_cli/drawing.h"

namespace easel::train_cli {
namespace {

struct SampleOptions {
    std::string run;
    std::vector<std::string> prompts;
    DrawingSettings drawing;
};

/// What the run in `folder` has learnt: a model, or a LoRA or a word and the model that it is for.
void choose_model(const train::RunFolder& folder, DrawingSettings& drawing) {
    if (path_exists(folder.model())) {
        drawing.model = folder.model().string();
        return;
    }
    nlohmann::json identity;
    if (path_exists(folder.checkpoint()))
        identity =
            nlohmann::json::parse(train::load_identity(folder.checkpoint()), nullptr, /*allow_exceptions=*/false);
    const auto text_at = [&](const char* key) {
        return identity.is_object() ? identity.value(key, std::string()) : std::string();
    };
    const std::string word = text_at("embedding");
    if (path_exists(folder.lora()))
        drawing.lora = folder.lora().string();
    else if (!word.empty() && path_exists(folder.embedding(word)))
        drawing.embedding = folder.embedding(word).string();
    else
        fail(ErrorKind::not_found,
             "{}: holds no model, no LoRA and no embedding; easel-train writes them at the end of a run",
             folder.path.string());
    drawing.model = text_at("model");
}

void sample(SampleOptions& options, std::stop_token stop) {
    const train::RunFolder folder{.path = options.run};
    choose_model(folder, options.drawing);
    const std::filesystem::path samples = folder.path / "samples";
    draw(options.drawing, options.prompts, samples, std::move(stop));
    cli::print_err("{}: {} pictures\n", samples.string(), options.prompts.size());
}

}  // namespace

void add_sample_command(CLI::App& app, std::stop_token stop) {
    const auto options = std::make_shared<SampleOptions>();
    CLI::App* const command = app.add_subcommand("sample", "draw with what a run has learnt, by easel");
    command->add_option("run", options->run, "the run's folder")->required();
    command->add_option("prompts", options->prompts, "a picture is drawn for each")->required();
    add_drawing_flags(*command, options->drawing);
    command->callback([options, stop] { sample(*options, stop); });
}

}  // namespace easel::train_cli
