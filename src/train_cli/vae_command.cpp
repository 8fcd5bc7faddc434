#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/console.h"
#include "train/autoencoder_trainer.h"
#include "train/devices.h"
#include "train/evaluation.h"
#include "train/model.h"
#include "train_cli/commands.h"
#include "train_cli/config_file.h"
#include "train_cli/run_report.h"
#include "train_cli/run_settings.h"
#include "weights/checkpoint_writer.h"

namespace easel::train_cli {
namespace {

struct VaeSettings {
    RunSettings run;
    std::string vae;
    train::AutoencoderOptions options;
};

/// Calls `visit(key, member, help)` for what decides the numbers of a run: a run that goes on must have the same.
template <typename Visit>
void visit_decisive(VaeSettings& settings, Visit&& visit) {
    visit("vae", settings.vae, "the autoencoder to train further; without it, a new one is trained");
    visit("kl_weight", settings.options.kl_weight, "how much latents are drawn to the standard normal distribution");
    visit_training(settings.options.training, visit);
}

nlohmann::ordered_json identity_of(VaeSettings& settings, const ConfigFile& config) {
    nlohmann::ordered_json identity = {{"command", "vae"}, {"data", settings.run.data}};
    visit_decisive(settings, [&](const char* key, const auto& value, const char*) { identity[key] = value; });
    if (settings.vae.empty()) identity["networks"] = config.vae;
    return identity;
}

VaeConfig new_config(const VaeSettings& settings, const ConfigFile& config) {
    if (config.vae.is_null())
        fail_usage("give `vae` to train one further; a new one needs the table [vae] in the `config` file");
    std::vector<std::string> notes;
    const VaeConfig parsed = parse_vae_config(config.vae, settings.run.config + ": [vae]", notes);
    for (const std::string& note : notes) cli::print_err("{}\n", note);
    return parsed;
}

void train_vae(VaeSettings& settings, std::stop_token stop) {
    const train::RunFolder folder = prepare_run(settings.run);
    const ConfigFile config = settings.run.config.empty() ? ConfigFile() : read_config_file(settings.run.config);
    const torch::Device device = train::device_by_name(settings.run.device);
    const train::DataFile data(settings.run.data);
    const train::StartingAutoencoder start =
        settings.vae.empty() ? train::fresh_autoencoder(new_config(settings, config), settings.options.training.seed)
                             : train::open_autoencoder(settings.vae);
    train::Autoencoder vae = start.vae;
    vae->to(device);
    train::AutoencoderTrainer trainer(vae, start.config, data, settings.options, device);
    trainer.share_with(train::Ranks(settings.run.rank, settings.run.ranks, settings.run.rendezvous));

    const nlohmann::ordered_json identity = identity_of(settings, config);
    const train::Tensor shown = train::chosen_pictures(data, settings.run.samples);
    RunReport report(folder, "An autoencoder's training", trainer.steps(), identity,
                     train::first_captions(data, shown));
    const auto on_checkpoint = [&](std::int64_t step) {
        std::optional<train::Tensor> pictures;
        if (settings.run.samples > 0)  // each over what becomes of it
            trainer.with_averages([&] {
                const train::Tensor decoded = train::through_autoencoder(vae, data, shown, device, stop);
                pictures = torch::cat({data.pictures(shown), decoded}, 2);
            });
        report.add(step, std::nullopt, pictures);
    };
    run_and_show(trainer, settings.options.training.batch, folder, identity.dump(), on_checkpoint, stop);
    if (!trainer.ranks().is_first()) return;

    const auto written = (folder.path / "vae").string();
    const Network<VaeConfig> network = trainer.averaged(folder.dtype);
    write_vae(network, written);
    cli::print_err("{}: the autoencoder, scaling factor {:.4f}; easel-train diffusion takes it as --vae {}\n", written,
                   network.config.scaling_factor, written);
}

}  // namespace

void add_vae_command(CLI::App& app, std::stop_token stop) {
    const auto settings = std::make_shared<VaeSettings>();
    CLI::App* const command = app.add_subcommand("vae", "train an autoencoder between pictures and latents");
    add_run_flags(*command, settings->run);
    visit_decisive(*settings, AddFlag{*command});
    command->callback([settings, stop] { train_vae(*settings, stop); });
}

}  // namespace easel::train_cli
