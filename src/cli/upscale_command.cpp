#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include "base/error.h"
#include "base/output_file.h"
#include "base/output_name.h"
#include "cli/commands.h"
#include "cli/config_file.h"
#include "cli/console.h"
#include "cli/model_options.h"
#include "cli/progress.h"
#include "cli/setting_options.h"
#include "collection/collection.h"
#include "collection/upscaler_files.h"
#include "jobs/output_paths.h"
#include "pictures/format.h"
#include "pictures/parameters.h"
#include "pictures/read.h"
#include "pictures/write.h"
#include "pipeline/upscaler.h"
#include "settings/latent_upscaler.h"
#include "settings/setting.h"

namespace easel::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view upscale_examples = R"(Examples:
  easel upscale fox.png --upscaler 4x-UltraSharp.pth -o large.png
  easel upscale *.png --upscaler realesr-general-x4v3.pth -o 'large/%d.png'
  easel upscale fox.png --scale 3 -o large.png          by Lanczos)";

constexpr int largest_tile = 4096;
constexpr double usual_scale = 4.0, greatest_scale = 16.0;
constexpr int largest_result = 65500;

struct UpscaleOptions {
    std::vector<std::string> pictures;
    std::string upscaler, output;
    std::optional<double> scale;
    int tile = Tiles().side, overlap = Tiles().overlap;
    bool overwrite = false, quiet = false;
    Collection collection;
    ModelOptions model;
};

const Setting<UpscaleOptions> settings[] = {
    {{.field = "upscaler",
      .flags = "--upscaler",
      .kind = FilePath{},
      .help = "A network's file, ESRGAN's RRDBNet or Real-ESRGAN's Compact, .safetensors or .pth (default: Lanczos)"},
     &UpscaleOptions::upscaler},
    {{.field = "scale",
      .flags = "--scale",
      .kind = RealNumber{1.0, greatest_scale},
      .help = "How many times larger (default: what the network gives, else 4)"},
     &UpscaleOptions::scale},
    {{.field = "tile",
      .flags = "--tile",
      .kind = WholeNumber{16, largest_tile},
      .help = "The side in pixels of the parts that a network is given"},
     &UpscaleOptions::tile},
    {{.field = "overlap",
      .flags = "--overlap",
      .kind = WholeNumber{0, largest_tile},
      .help = "Pixels that two parts share, where they are blended"},
     &UpscaleOptions::overlap},
};

/// The names to write; checked, but for the sizes.
std::vector<fs::path> outputs_of(const UpscaleOptions& options, OutputFile::IfExists if_exists) {
    const std::vector<fs::path> outputs =
        jobs::numbered_paths(options.output, static_cast<int>(options.pictures.size()), if_exists);
    std::vector<Input> inputs{{"upscaler", options.upscaler}};
    for (const std::string& picture : options.pictures) inputs.push_back({"pictures", picture});
    for (const fs::path& output : outputs) {
        check_apart("output", output, inputs);
        format_of_path(output);
    }
    return outputs;
}

/// The network's file; empty for Lanczos.
std::string upscaler_of(const UpscaleOptions& options) {
    Collection collection;
    apply_config(read_config(), collection);
    if (!options.collection.upscaler_dir.empty()) collection.upscaler_dir = options.collection.upscaler_dir;
    const std::string found = find_upscaler(options.upscaler, upscaler_folder(collection.upscaler_dir), "upscaler");
    if (latent_upscaler(found))
        refuse_value("upscaler", options.upscaler, "it enlarges latents; give a file or lanczos");
    return is_lanczos(found) ? "" : found;
}

void upscale(const UpscaleOptions& options, const std::stop_token& stop) {
    const Callbacks callbacks = report_progress(options.quiet ? Reporting::quiet : Reporting::human);
    const auto if_exists = options.overwrite ? OutputFile::IfExists::replace : OutputFile::IfExists::refuse;
    if (options.overlap * 2 > options.tile)
        refuse_value("overlap", options.overlap, "give at most half of the tile's {}", options.tile);
    const std::vector<fs::path> outputs = outputs_of(options, if_exists);
    Runtime runtime(options.model.runtime_options());
    std::optional<Upscaler> network;
    if (const std::string upscaler = upscaler_of(options); !upscaler.empty()) network.emplace(upscaler, runtime);
    const double scale = options.scale.value_or(network ? network->scale() : usual_scale);

    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const fs::path picture_path = options.pictures[i];
        const Picture picture = read_picture(picture_path, callbacks.note);
        const auto side = [&](int of_picture) { return static_cast<int>(of_picture * scale + 0.5); };
        const Size size{side(picture.width), side(picture.height)};
        if (std::max(size.width, size.height) > largest_result)
            refuse_value("scale", scale, "{} would have {}x{} pixels; at most {} a side can be written",
                         picture_path.string(), size.width, size.height, largest_result);
        check_fits(format_of_path(outputs[i]), size.width, size.height);
        const Picture large = enlarged(picture, size, network ? &*network : nullptr,
                                       {.side = options.tile, .overlap = options.overlap}, callbacks, stop);
        if (stop.stop_requested()) throw Cancelled();
        write_picture(outputs[i], large, read_parameters(picture_path).value_or(""), if_exists);
        if (!options.quiet) print_out("{} ({} x {})\n", outputs[i].string(), large.width, large.height);
    }
}

}  // namespace

void add_upscale(CLI::App& app, std::stop_token stop) {
    CLI::App* command = app.add_subcommand("upscale", "Enlarge pictures");
    command->footer(std::string(upscale_examples));
    const auto options = std::make_shared<UpscaleOptions>();
    command->add_option("pictures", options->pictures, "PNG, JPEG or WebP pictures; their stored settings are kept")
        ->required();
    command
        ->add_option("-o,--output", options->output,
                     "The file to write: .png, .jpg or .webp; %d becomes the picture's number")
        ->required();
    for (const Setting<UpscaleOptions>& setting : settings) add_setting(*command, setting, *options);
    add_setting(*command, *find_field(collection_table(), "upscaler_dir"), options->collection);
    command->add_flag("--overwrite", options->overwrite, "Replace existing files");
    options->model.add_device_to(*command);
    options->model.add_precision_to(*command);
    command->add_flag("--quiet", options->quiet, "Print errors only");
    command->callback([options, stop] { upscale(*options, stop); });
}

}  // namespace easel::cli
