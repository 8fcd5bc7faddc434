#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "base/error.h"
#include "train_cli/commands.h"
#include "train_cli/diffusion_run.h"

namespace easel::train_cli {
namespace {

struct FinetuneSettings {
    DiffusionSettings diffusion;
    std::string model;
    train::LoraOptions lora{.rank = 0};
    train::WordOptions word;
};

/// As visit_diffusion().
template <typename Visit>
void visit_finetune(FinetuneSettings& settings, Visit&& visit) {
    visit("model", settings.model, "the model to train further: a diffusers folder or a single file");
    visit("lora_rank", settings.lora.rank, "learn a LoRA of that rank; 0: train all weights");
    visit("lora_alpha", settings.lora.alpha, "the LoRA counts alpha / rank; 0: alpha is the rank");
    visit("lora_layers", settings.lora.layers, "of the UNet: attention, transformers, or all (convolutions too)");
    visit("embedding", settings.word.text, "learn a word of the captions alone (textual inversion)");
    visit("embedding_vectors", settings.word.vectors, "vectors that stand for the word");
    visit("embedding_begin", settings.word.begin, "a text whose tokens they begin as");
}

void finetune(FinetuneSettings& settings, std::stop_token stop) {
    if (settings.model.empty()) refuse("model", "give the model to train further");
    nlohmann::ordered_json identity = {{"command", "finetune"}};
    visit_finetune(settings, [&](const char* key, const auto& value, const char*) { identity[key] = value; });
    Learnt learnt;
    if (settings.lora.rank != 0) learnt.lora = settings.lora;
    if (!settings.word.text.empty()) learnt.word = settings.word;
    if (learnt.lora && learnt.word) refuse("embedding", "there is `lora_rank` too; give one of them");
    if (learnt.word && settings.diffusion.train_text_encoder)
        refuse("embedding", "the text encoder stays as it is with it; leave `train_text_encoder` out");
    train_denoising(
        settings.diffusion, [&] { return train::open_model(settings.model); }, learnt, identity, std::move(stop));
}

}  // namespace

void add_finetune_command(CLI::App& app, std::stop_token stop) {
    const auto settings = std::make_shared<FinetuneSettings>();
    CLI::App* const command =
        app.add_subcommand("finetune", "train all weights of a model that is there, or a LoRA or a word for it");
    visit_finetune(*settings, AddFlag{*command});
    add_diffusion_flags(*command, settings->diffusion);
    command->callback([settings, stop] { finetune(*settings, stop); });
}

}  // namespace easel::train_cli
