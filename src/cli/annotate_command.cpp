#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "annotators/annotators.h"
#include "base/output_file.h"
#include "base/output_name.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/notes.h"
#include "cli/progress.h"
#include "cli/setting_options.h"
#include "pictures/format.h"
#include "pictures/read.h"
#include "pictures/resize.h"
#include "pictures/write.h"
#include "settings/setting.h"

namespace easel::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view annotate_examples = R"(Examples:
  easel annotate canny photo.jpg -o edges.png
  easel annotate canny photo.jpg -o edges.png --low 50 --high 150
  easel annotate tile photo.jpg -o coarse.png --shrink 4)";

/// As flags have them.
struct AnnotateOptions {
    std::string kind, picture, mask, output;
    AnnotatorOptions told;
    bool overwrite = false, quiet = false;
};

void annotate(const AnnotateOptions& options) {
    const Callbacks callbacks = report_progress(options.quiet ? Reporting::quiet : Reporting::human);
    const auto if_exists = options.overwrite ? OutputFile::IfExists::replace : OutputFile::IfExists::refuse;
    const Annotator& annotator = easel::annotator(options.kind);
    const Input inputs[] = {{"picture", options.picture}, {"mask", options.mask}};
    check_apart("output", options.output, inputs);
    format_of_path(options.output);
    check_writable(options.output, if_exists);

    const Picture picture = read_picture(options.picture, callbacks.note);
    AnnotatorOptions told = options.told;
    if (!options.mask.empty())
        told.mask = resize_lanczos(read_mask(options.mask, callbacks.note), picture.width, picture.height);
    const Picture annotated = annotator.annotate(picture, told);
    write_picture(options.output, annotated, "", if_exists);
    if (!options.quiet) print_out("{} ({} x {})\n", options.output, annotated.width, annotated.height);
}

}  // namespace

void add_annotate(CLI::App& app) {
    CLI::App* command = app.add_subcommand("annotate", "Turn a picture into one that a ControlNet follows");
    command->footer(std::string(annotate_examples));
    const auto options = std::make_shared<AnnotateOptions>();
    std::vector<std::string> kinds;
    for (const Annotator& annotator : annotators())
        kinds.push_back(fmt::format("{} ({})", annotator.name, annotator.help));
    command->add_option("kind", options->kind, fmt::format("One of {}", fmt::join(kinds, ", ")))->required();
    command->add_option("picture", options->picture, "A PNG, JPEG or WebP picture")->required();
    command->add_option("-o,--output", options->output, "The picture to write")->required();
    command->add_option("--mask", options->mask, "Of inpaint: white is taken out");
    for (const Setting<AnnotatorOptions>& setting : annotator_table()) add_setting(*command, setting, options->told);
    command->add_flag("--overwrite", options->overwrite, "Replace an existing file");
    command->add_flag("--quiet", options->quiet, "Print errors only");
    command->callback([options] { annotate(*options); });
}

}  // namespace easel::cli
