#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "base/error.h"
#include "cli/console.h"
#include "train_cli/commands.h"
#include "train_cli/picture_folder.h"

namespace easel::train_cli {
namespace {

struct DataOptions {
    std::string folder, output = "data.safetensors", fit = "crop";
    int width = 64, height = 64;
    bool overwrite = false;
};

Fit fit_by_name(const std::string& name) {
    if (name == "crop") return Fit::crop;
    if (name == "fill") return Fit::fill;
    if (name == "stretch") return Fit::stretch;
    refuse_value("fit", name, "give crop, fill or stretch");
}

void prepare(const DataOptions& options) {
    if (options.width < 1 || options.height < 1) refuse("width", "give sides of at least 1 pixel");
    const auto if_exists = options.overwrite ? OutputFile::IfExists::replace : OutputFile::IfExists::refuse;
    const Fit fit = fit_by_name(options.fit);
    check_writable(options.output, if_exists);
    const std::vector<PictureFile> files = captioned_pictures(options.folder);
    const auto pictures = read_pictures(files, options.width, options.height, fit, [](const std::string& sentence) {
        cli::print_err("left out: {}\n", sentence);
    });
    train::write_data_file(options.output, options.height, options.width, pictures, if_exists);
    cli::print_err("{}: {} pictures of {} x {} pixels, {} left out\n", options.output, pictures.size(), options.width,
                   options.height, files.size() - pictures.size());
}

}  // namespace

void add_data_command(CLI::App& app, std::stop_token /*stop*/) {
    auto options = std::make_shared<DataOptions>();
    CLI::App* const command = app.add_subcommand("data", "make one data file of a folder of captioned pictures");
    command->add_option("folder", options->folder, "pictures, each with a .txt beside it or listed in metadata.jsonl")
        ->required();
    command->add_option("-o,--output", options->output, "the data file");
    command->add_option("-W,--width", options->width, "of all pictures, in pixels");
    command->add_option("-H,--height", options->height, "of all pictures, in pixels");
    command->add_option("--fit", options->fit, "what becomes of a picture of another aspect: crop, fill, stretch");
    command->add_flag("--overwrite", options->overwrite, "replace a file that is there");
    command->callback([options] { prepare(*options); });
}

}  // namespace easel::train_cli
