#include <memory>
#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include <easel/easel.h>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/model_options.h"
#include "convert/convert.h"

namespace easel::cli {
namespace {

constexpr const char* examples = R"(Examples:
  easel convert sd15/ sd15-ir --to ir         for OpenVINO GenAI, optimum-intel
  easel convert old.safetensors old/ --to diffusers
  easel convert old/ small.safetensors --to safetensors --precision bf16)";

struct ConvertOptions {
    std::string from, to, form;
    std::string precision;
    bool overwrite = false;
};

void run(const ConvertOptions& options, std::stop_token stop) {
    const Conversion conversion{
        .from = local_model(options.from, stop, Reporting::human),
        .to = options.to,
        .form = model_form_by_name(options.form),
        .precision = options.precision,
        .if_exists = options.overwrite ? OutputFile::IfExists::replace : OutputFile::IfExists::refuse,
        .openvino_tokenizer = find_shipped_model("openvino_tokenizer")};
    convert(
        conversion, [](const std::string& sentence) { print_err("note: {}\n", sentence); }, std::move(stop));
    print_out("{}\n", options.to);
}

}  // namespace

void add_convert(CLI::App& app, std::stop_token stop) {
    CLI::App* command = app.add_subcommand("convert", "Convert a model to another format");
    command->footer(examples);
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
    command->add_flag("--overwrite", options->overwrite, "Replace an existing model");
    command->callback([options, stop] { run(*options, stop); });
}

}  // namespace easel::cli
