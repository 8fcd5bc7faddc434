#include <filesystem>
#include <memory>
#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "ir/folder.h"
#include "pictures/format.h"
#include "pictures/parameters.h"
#include "pipeline/open_networks.h"
#include "weights/checkpoint.h"

namespace easel::cli {
namespace fs = std::filesystem;
namespace {

void inspect_picture(const fs::path& path) {
    const auto parameters = read_parameters(path);
    if (!parameters) fail("{}: no settings are stored in this picture", path.string());
    give("{}\n", *parameters);
}

void inspect_checkpoint(const fs::path& path) {
    if (IrFolder::find(path)) {
        give("{}: {}\n", path.string(), open_networks(path).facts.identity.description);
        return;
    }
    const Checkpoint checkpoint = Checkpoint::open(path);
    give("{}: {}\n", path.string(), checkpoint.description());
    for (const std::string& sentence : checkpoint.notes) give("note: {}\n", sentence);
}

void inspect(const fs::path& path) {
    if (fs::is_regular_file(path) && format_of_bytes(MappedFile(path).bytes()))
        inspect_picture(path);
    else
        inspect_checkpoint(path);
}

}  // namespace

void add_inspect(CLI::App& app) {
    CLI::App* command =
        app.add_subcommand("inspect", "Tell what a checkpoint or folder holds, or a picture's settings");
    const auto path = std::make_shared<std::string>();
    command
        ->add_option("file", *path,
                     "A .safetensors file, a diffusers folder, a folder of OpenVINO IR, or a PNG, JPEG or WebP picture")
        ->required();
    command->callback([path] { inspect(*path); });
}

}  // namespace easel::cli
