#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include "base/error.h"
#include "base/output_file.h"
#include "base/output_name.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/model_options.h"
#include "cli/progress.h"
#include "cli/setting_options.h"
#include "person/person_mask.h"
#include "person/shipped_networks.h"
#include "pictures/format.h"
#include "pictures/mask.h"
#include "pictures/read.h"
#include "pictures/write.h"

namespace easel::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view mask_examples = R"(Examples:
  easel mask photo.jpg -o person.png
  easel mask photo.jpg -o background.png --invert --grow 4 --feather 2
  easel mask photo.jpg -o person.png --threshold 0.5 --overlay look.jpg)";

struct MaskOptions {
    std::string picture, output, overlay;
    PersonMaskOptions person;
    bool landscape = false, overwrite = false, quiet = false;
    ModelOptions model;
};

const Setting<PersonMaskOptions> threshold_setting = {{.field = "threshold",
                                                       .flags = "--threshold",
                                                       .kind = RealNumber{0.0, 1.0},
                                                       .help = "The probability above which a pixel is white, 0 to 1"},
                                                      &PersonMaskOptions::threshold};
const Setting<PersonMaskOptions> grow_setting = {
    {.field = "grow", .flags = "--grow", .kind = WholeNumber{0, 1000}, .help = "Pixels by which to widen the white"},
    &PersonMaskOptions::grow};
const Setting<PersonMaskOptions> feather_setting = {{.field = "feather",
                                                     .flags = "--feather",
                                                     .kind = RealNumber{0.0, 1000.0},
                                                     .help = "Pixels by which to soften the edge, after --grow"},
                                                    &PersonMaskOptions::feather};

/// Throws Error if an output cannot be written, before any work is done.
void check_outputs(const MaskOptions& options, OutputFile::IfExists if_exists) {
    if (fs::path(options.output).lexically_normal() == fs::path(options.overlay).lexically_normal())
        refuse_value("overlay", options.overlay, "this is also the mask's name; give another");
    const Input inputs[] = {{"picture", options.picture}};
    for (const auto& [field, path] : {std::pair("output", options.output), std::pair("overlay", options.overlay)}) {
        if (path.empty()) continue;
        check_apart(field, path, inputs);
        format_of_path(path);
        check_writable(path, if_exists);
    }
}

double white_percentage(const Mask& mask) {
    double sum = 0;
    for (const std::uint8_t pixel : mask.pixels) sum += pixel;
    return 100 * sum / 255 / static_cast<double>(mask.pixels.size());
}

void make_mask(const MaskOptions& options, std::stop_token stop) {
    const Callbacks callbacks = report_progress(options.quiet ? Reporting::quiet : Reporting::human);
    const auto if_exists = options.overwrite ? OutputFile::IfExists::replace : OutputFile::IfExists::refuse;
    check(options.person);
    check_outputs(options, if_exists);
    const Picture picture = read_picture(options.picture, callbacks.note);

    const EngineOptions runtime = options.model.runtime_options();
    PersonFinder finder(person_network(options.landscape), runtime.device, runtime.threads);
    const Mask mask = finder.mask(picture, options.person, stop);
    if (stop.stop_requested()) throw Cancelled();
    write_mask(options.output, mask, if_exists);
    if (!options.overlay.empty()) write_picture(options.overlay, overlay(picture, mask), "", if_exists);
    if (!options.quiet)
        print_out("{} ({} x {}, {:.1f} % white)\n", options.output, mask.width, mask.height, white_percentage(mask));
}

}  // namespace

void add_mask(CLI::App& app, std::stop_token stop) {
    CLI::App* command = app.add_subcommand("mask", "Write a mask of the person in a picture");
    command->footer(std::string(mask_examples));
    const auto options = std::make_shared<MaskOptions>();
    command->add_option("picture", options->picture, "A PNG, JPEG or WebP picture")->required();
    command->add_option("-o,--output", options->output, "The mask to write: white is the person; .png keeps it exactly")
        ->required();
    add_setting(*command, threshold_setting, options->person);
    command->add_flag("--landscape", options->landscape, "Use the network for wide pictures, such as video calls");
    command->add_flag("--invert", options->person.invert, "Make the background white instead of the person");
    add_setting(*command, grow_setting, options->person);
    add_setting(*command, feather_setting, options->person);
    command->add_option("--overlay", options->overlay, "Also write the picture with the white part tinted green");
    command->add_flag("--overwrite", options->overwrite, "Replace existing files");
    options->model.add_device_to(*command);
    command->add_flag("--quiet", options->quiet, "Print errors only");
    command->callback([options, stop] { make_mask(*options, stop); });
}

}  // namespace easel::cli
