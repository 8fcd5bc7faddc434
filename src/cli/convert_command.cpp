#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include <easel/easel.h>

#include "cli/commands.h"
#include "cli/config_file.h"
#include "cli/console.h"
#include "cli/model_options.h"
#include "cli/setting_options.h"
#include "collection/collection.h"
#include "collection/lora_files.h"
#include "convert/convert.h"
#include "settings/table.h"

namespace easel::cli {
namespace {

constexpr const char* convert_examples = R"(Examples:
  easel convert sd15/ sd15-ir --to ir         for OpenVINO GenAI, optimum-intel
  easel convert old.safetensors old/ --to diffusers
  easel convert old/ inked/ --to diffusers --lora ink.safetensors:0.7
  easel convert old/ small.safetensors --to safetensors --precision bf16)";

struct ConvertOptions {
    std::string from, to, form;
    std::string precision;
    /// Its LoRAs alone.
    Request merged;
    std::string lora_dir;
    bool overwrite = false;
};

/// With the paths of those that are named.
std::vector<Lora> loras_of(const ConvertOptions& options) {
    Collection collection;
    apply_config(read_config(), collection);
    if (!options.lora_dir.empty()) collection.lora_dir = options.lora_dir;
    Request request = options.merged;
    find_loras(request, collection.lora_dir);
    return request.loras;
}

void run(const ConvertOptions& options, std::stop_token stop) {
    const Conversion conversion{
        .from = local_model(options.from, stop, Reporting::human),
        .to = options.to,
        .loras = loras_of(options),
        .form = model_form_by_name(options.form),
        .precision = options.precision,
        .if_exists = options.overwrite ? OutputFile::IfExists::replace : OutputFile::IfExists::refuse,
        .openvino_tokenizer = find_shipped_model("openvino_tokenizer")};
    convert(conversion, print_note, std::move(stop));
    print_out("{}\n", options.to);
}

}  // namespace

void add_convert(CLI::App& app, std::stop_token stop) {
    CLI::App* command = app.add_subcommand("convert", "Convert a model to another format");
    command->footer(convert_examples);
    const auto options = std::make_shared<ConvertOptions>();
    command->add_option("model", options->from, "A diffusers folder, a .safetensors file, or owner/name on a hub")
        ->required();
    command->add_option("output", options->to, "The folder or file to write")->required();
    command
        ->add_option(
            "--to", options->form,
            "ir (a folder as optimum-intel exports it), ir-2022 (eight files, for one picture size), diffusers "
            "(a folder) or safetensors (an original single file)")
        ->required();
    command->add_option("--precision", options->precision,
                        "How to store the weights: f32, f16 or bf16 (default: unchanged)");
    const auto loras = std::make_shared<std::string>();
    add_setting(*command, setting("loras"), std::nullopt, [options, loras](const std::string& text) {
        *loras += (loras->empty() ? "" : "\n") + text;
        set_from_text(options->merged, setting("loras"), *loras);
    });
    command->add_option("--lora-dir", options->lora_dir, "The folder of LoRAs, for names after --lora");
    command->add_flag("--overwrite", options->overwrite, "Replace an existing model");
    command->callback([options, stop] { run(*options, stop); });
}

}  // namespace easel::cli
