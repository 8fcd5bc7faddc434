#include "train_cli/diffusion_run.h"

#include <filesystem>

#include "base/error.h"
#include "cli/console.h"
#include "train/devices.h"
#include "train/evaluation.h"
#include "train/sample.h"
#include "train_cli/run_report.h"

namespace easel::train_cli {
namespace {

/// Pictures whose losses are measured at a checkpoint.
constexpr std::int64_t measured_pictures = 32;

}  // namespace

void add_diffusion_flags(CLI::App& command, DiffusionSettings& settings) {
    add_run_flags(command, settings.run);
    const AddFlag add{command};
    add("validation", settings.validation, "a data file of pictures not learnt from, for the report's losses");
    visit_diffusion(settings, add);
}

void train_denoising(DiffusionSettings& settings, const std::function<train::Model()>& starting_model,
                     const Learnt& learnt, nlohmann::ordered_json identity, std::stop_token stop) {
    const train::RunFolder folder = prepare_run(settings.run);
    const torch::Device device = train::device_by_name(settings.run.device);
    const train::TrainingOptions& training = settings.options.training;
    identity["data"] = settings.run.data;
    visit_diffusion(settings, [&](const char* key, const auto& value, const char*) { identity[key] = value; });

    const train::DataFile data(settings.run.data);
    train::Model model = starting_model();
    model.to(device);
    const train::Parameters word = learnt.word ? add_word(model, *learnt.word) : train::Parameters();
    const train::EncodedData encoded(data, model, device, stop);
    if (model.word && !(encoded.all_ids() == model.word->first_id).any().item<bool>())
        refuse_value("embedding", model.word->text, "no caption of {} has this word", data.where());
    const train::Parameters trained = learnt.word ? word
                                      : learnt.lora
                                          ? add_lora(model, *learnt.lora, settings.train_text_encoder, training.seed)
                                          : train::trained_weights(model, settings.train_text_encoder, encoded);
    train::DiffusionTrainer trainer(model, trained, encoded, data.caption_begins(), settings.options, device);
    trainer.share_with(train::Ranks(settings.run.rank, settings.run.ranks, settings.run.rendezvous));

    const train::DataFile seen(settings.validation.empty() ? settings.run.data : settings.validation);
    const train::Tensor measured = train::chosen_pictures(seen, measured_pictures);
    const auto captions = train::first_captions(seen, train::chosen_pictures(seen, settings.run.samples));
    RunReport report(folder, "A diffusion model's training", training.steps, identity, captions);
    const auto on_checkpoint = [&](std::int64_t step) {
        trainer.with_averages([&] {
            std::optional<train::Tensor> pictures;
            if (!captions.empty())
                pictures =
                    train::sample(model, captions, {.height = seen.height(), .width = seen.width()}, device, stop);
            report.add(step, train::losses_by_timestep(model, seen, measured, device, stop), pictures);
        });
    };
    run_and_show(trainer, training.batch, folder, identity.dump(), on_checkpoint, stop);
    if (!trainer.ranks().is_first()) return;

    const std::string base = model.stored.path.string();
    if (learnt.word) {
        const std::string written = folder.embedding(model.word->text).string();
        std::filesystem::create_directories(folder.embedding(model.word->text).parent_path());
        write_embedding(written, trainer.averages(), *model.word);
        cli::print_err("{}: the embedding; draw with easel --model {} --embedding {}\n", written, base, written);
    } else if (learnt.lora) {
        const std::string written = folder.lora().string();
        write_lora(written, trainer.averages(), *learnt.lora, folder.dtype, model.stored, data);
        cli::print_err("{}: the LoRA; draw with easel --model {} --lora {}\n", written, base, written);
    } else {
        const std::string written = folder.model().string();
        train::write_model(with_weights(model, trainer.averages(), folder.dtype), folder.dtype, written);
        cli::print_err("{}: the model; draw with easel --model {}\n", written, written);
    }
}

}  // namespace easel::train_cli
