#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "base/error.h"
#include "cli/console.h"
#include "train_cli/commands.h"
#include "train_cli/config_file.h"
#include "train_cli/diffusion_run.h"

namespace easel::train_cli {
namespace {

struct NewModelSettings {
    DiffusionSettings diffusion;
    std::string vae, prediction_type = "epsilon";
    bool start_as_identity = false;
};

/// As visit_diffusion().
template <typename Visit>
void visit_new_model(NewModelSettings& settings, Visit&& visit) {
    visit("vae", settings.vae, "the autoencoder: a folder, a file, or a model to take it from");
    visit("prediction_type", settings.prediction_type, "what the UNet predicts: epsilon or v_prediction");
    visit("start_as_identity", settings.start_as_identity, "a UNet that first answers what it is given: true or false");
}

train::Model new_model(const NewModelSettings& settings, const ConfigFile& config) {
    if (settings.vae.empty() || config.unet.is_null() || config.text_encoder.is_null())
        fail_usage(
            "a new model needs `vae`, and the tables [unet] and [text_encoder] in the `config` file; easel-train "
            "finetune takes a model that is there");
    const std::string& file = settings.diffusion.run.config;
    std::vector<std::string> notes;
    const auto text_encoder = parse_text_encoder_config(config.text_encoder, file + ": [text_encoder]", notes);
    const auto unet = parse_unet_config(config.unet, file + ": [unet]", notes);
    for (const std::string& note : notes) cli::print_err("{}\n", note);
    train::Model model = train::fresh_model(text_encoder, unet, settings.vae, settings.diffusion.options.training.seed);
    if (settings.start_as_identity) train::start_as_identity(model.unet, unet);
    train::set_prediction_type(model.stored, settings.prediction_type);
    return model;
}

void train_new_model(NewModelSettings& settings, std::stop_token stop) {
    const std::string& file = settings.diffusion.run.config;
    const ConfigFile config = file.empty() ? ConfigFile() : read_config_file(file);
    nlohmann::ordered_json identity = {
        {"command", "diffusion"}, {"unet", config.unet}, {"text_encoder", config.text_encoder}};
    visit_new_model(settings, [&](const char* key, const auto& value, const char*) { identity[key] = value; });
    train_denoising(
        settings.diffusion, [&] { return new_model(settings, config); }, Learnt(), identity, std::move(stop));
}

}  // namespace

void add_diffusion_command(CLI::App& app, std::stop_token stop) {
    const auto settings = std::make_shared<NewModelSettings>();
    CLI::App* const command =
        app.add_subcommand("diffusion", "train a new UNet to predict noise, and a text encoder along with it");
    visit_new_model(*settings, AddFlag{*command});
    add_diffusion_flags(*command, settings->diffusion);
    command->callback([settings, stop] { train_new_model(*settings, stop); });
}

}  // namespace easel::train_cli
