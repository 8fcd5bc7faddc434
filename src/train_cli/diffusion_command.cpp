#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/console.h"
#include "train/devices.h"
#include "train/diffusion_trainer.h"
#include "train_cli/commands.h"
#include "train_cli/config_file.h"
#include "train_cli/run_settings.h"

namespace easel::train_cli {
namespace {

/// A run's settings as the configuration file and the flags have them.
struct DiffusionSettings {
    RunSettings run;
    std::string model, vae, prediction_type;
    train::DiffusionOptions options;
};

/// Calls `visit(key, member, help)` for what decides the numbers of a run: a run that goes on must have the same.
template <typename Visit>
void visit_decisive(DiffusionSettings& settings, Visit&& visit) {
    visit("model", settings.model, "the model to train further; without it, a new one is trained");
    visit("vae", settings.vae, "for a new model: the autoencoder, a folder, a file, or a model to take it from");
    visit("prediction_type", settings.prediction_type, "what the UNet predicts: epsilon or v_prediction");
    visit("loss", settings.options.loss, "how timesteps are weighted: simple, step, vlb or min-snr");
    visit("caption_dropout", settings.options.caption_dropout, "share of captions left out, for guidance");
    visit("train_text_encoder", settings.options.train_text_encoder, "train the text encoder along: true or false");
    visit_training(settings.options.training, visit);
}

std::string identity_of(DiffusionSettings& settings, const ConfigFile& config) {
    nlohmann::ordered_json identity = {{"command", "diffusion"}, {"data", settings.run.data}};
    visit_decisive(settings, [&](const char* key, const auto& value, const char*) { identity[key] = value; });
    if (settings.model.empty()) identity["networks"] = {config.text_encoder, config.unet};
    return identity.dump();
}

train::Model starting_model(const DiffusionSettings& settings, const ConfigFile& config) {
    if (!settings.model.empty()) return train::open_model(settings.model);
    if (settings.vae.empty() || config.unet.is_null() || config.text_encoder.is_null())
        fail_usage(
            "give `model` to train one further; a new one needs `vae` and the tables [unet] and [text_encoder] in the "
            "`config` file");
    const std::string& file = settings.run.config;
    std::vector<std::string> notes;
    const auto text_encoder = parse_text_encoder_config(config.text_encoder, file + ": [text_encoder]", notes);
    const auto unet = parse_unet_config(config.unet, file + ": [unet]", notes);
    for (const std::string& note : notes) cli::print_err("{}\n", note);
    return train::fresh_model(text_encoder, unet, settings.vae, settings.options.training.seed);
}

void train_diffusion(DiffusionSettings& settings, std::stop_token stop) {
    const train::RunFolder folder = prepare_run(settings.run);
    const ConfigFile config = settings.run.config.empty() ? ConfigFile() : read_config_file(settings.run.config);
    const torch::Device device = train::device_by_name(settings.run.device);
    const train::DataFile data(settings.run.data);
    train::Model model = starting_model(settings, config);
    if (!settings.prediction_type.empty()) train::set_prediction_type(model.stored, settings.prediction_type);
    model.to(device);
    const train::EncodedData encoded(data, model, device, stop);
    train::DiffusionTrainer trainer(model, encoded, data.caption_begins(), settings.options, device);
    run_and_show(trainer, settings.options.training.batch, folder, identity_of(settings, config), stop);

    const std::string written = folder.model().string();
    train::write_model(trainer.averaged(folder.dtype), folder.dtype, written);
    cli::print_err("{}: the model; draw with easel --model {}\n", written, written);
}

}  // namespace

void add_diffusion_command(CLI::App& app, std::stop_token stop) {
    const auto settings = std::make_shared<DiffusionSettings>();
    CLI::App* const command =
        app.add_subcommand("diffusion", "train a UNet to predict noise, and the text encoder along with it");
    add_run_flags(*command, settings->run);
    visit_decisive(*settings, AddFlag{*command});
    command->callback([settings, stop] { train_diffusion(*settings, stop); });
}

}  // namespace easel::train_cli
