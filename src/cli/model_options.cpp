#include "cli/model_options.h"

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Validators.hpp>

#include "base/error.h"

namespace easel::cli {
namespace fs = std::filesystem;
namespace {

std::optional<std::string> environment(const char* name) {
    const char* const value = std::getenv(name);
    if (!value || !*value) return std::nullopt;
    return value;
}

std::optional<fs::path> configuration_file() {
    if (const auto folder = environment("XDG_CONFIG_HOME")) return fs::path(*folder) / "easel" / "config.toml";
    if (const auto home = environment("HOME")) return fs::path(*home) / ".config" / "easel" / "config.toml";
    return std::nullopt;
}

/// `model = "..."` of the configuration file, where there is one.
std::optional<std::string> configured_model() {
    const auto file = configuration_file();
    std::error_code ignored;
    if (!file || !fs::exists(*file, ignored)) return std::nullopt;
    std::vector<CLI::ConfigItem> items;
    try {
        items = CLI::ConfigTOML().from_file(file->string());
    } catch (const CLI::Error& error) {
        fail("{}: cannot be read ({})", file->string(), error.what());
    }
    std::optional<std::string> model;
    for (const CLI::ConfigItem& item : items) {
        if (item.fullname() != "model" || item.inputs.size() != 1)
            fail("{}: \"{}\" is not a setting; write model = \"a folder or file\"", file->string(), item.fullname());
        model = item.inputs.front();
    }
    return model;
}

std::string model_that_ships() {
    if (const auto model = find_shipped_model("emoji-starter")) return model->string();
    fail_usage("no model was given and the one that ships with easel is not there; give one with --model");
}

std::string standing_model() {
    if (const auto model = environment("EASEL_MODEL")) return *model;
    if (const auto model = configured_model()) return *model;
    return model_that_ships();
}

}  // namespace

void ModelOptions::add_model_to(CLI::App& command) {
    command.add_option("-m,--model", model,
                       "The model: a diffusers folder, a .safetensors file, or owner/name[@revision] on a Hugging Face "
                       "hub. Else $EASEL_MODEL, else model = \"...\" in "
                       "$XDG_CONFIG_HOME/easel/config.toml, else the one that ships");
    command.add_option(
        "--tokenizer", tokenizer,
        "A folder with another tokenizer vocabulary, or openai/clip-vit-large-patch14 for the built-in one");
}

void ModelOptions::add_device_to(CLI::App& command) {
    command.add_option("--device", device, "Where to compute; `easel devices` lists what is there")
        ->capture_default_str();
    command.add_option("--threads", threads, "Processor threads; 0 for all that may be used")->capture_default_str();
}

void ModelOptions::add_runtime_to(CLI::App& command) {
    add_device_to(command);
    command.add_option("--precision", precision, "auto (the fastest), f32, bf16 or f16")->capture_default_str();
    command.add_option("--vae-precision", vae_precision, "The same for the VAE alone; auto: as the other networks")
        ->capture_default_str();
    command
        .add_option("--max-memory", max_memory,
                    "The most memory to take, such as 4GB or 512MB; what does not fit in at one time is compiled again "
                    "when it is needed. 0: no limit")
        ->transform(CLI::AsSizeValue(true))
        ->capture_default_str();
}

EngineOptions ModelOptions::engine_options(std::stop_token stop, Reporting reporting) const {
    return {.model = local_model(model.empty() ? standing_model() : model, std::move(stop), reporting),
            .device = device,
            .precision = precision,
            .vae_precision = vae_precision,
            .threads = threads,
            .tokenizer = tokenizer,
            .max_memory = max_memory};
}

}  // namespace easel::cli
