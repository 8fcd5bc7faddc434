#include "cli/drawing.h"

#include <algorithm>
#include <span>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "base/error.h"
#include "base/output_name.h"
#include "base/process.h"
#include "jobs/output_paths.h"
#include "pictures/format.h"
#include "pictures/parameters.h"
#include "pictures/write.h"
#include "weights/safetensors.h"

namespace easel::cli {
namespace fs = std::filesystem;
namespace {

void write_latents(const fs::path& path, const Latents& latents, OutputFile::IfExists if_exists) {
    const TensorView tensor{.name = "latents",
                            .dtype = DType::F32,
                            .shape = {1, latents.channels, latents.height, latents.width},
                            .bytes = std::as_bytes(std::span(latents.values))};
    write_safetensors(path, std::span(&tensor, 1), {}, if_exists);
}

/// Throws Error when a file that is read would be replaced.
void check_inputs(const GenerateOptions& options, const Outputs& files) {
    std::vector<Input> inputs{{"init_image", options.init_image},
                              {"mask", options.mask},
                              {"params_from", options.params_from},
                              {"scheduler_config", options.request.scheduler_config}};
    std::error_code ignored;
    // A folder may hold pictures too, drawn earlier.
    if (!fs::is_directory(options.model.model, ignored)) inputs.push_back({"model", options.model.model});
    for (const fs::path& path : files.pictures) check_apart("output", path, inputs);
    if (!files.mask.empty()) check_apart("save_mask", files.mask, inputs);
    inputs.push_back({"model", options.model.model});
    for (const fs::path& path : files.latents) check_apart("save_latents", path, inputs);
}

/// Finds before anything is drawn what the format cannot hold.
void check_storable(const Engine& engine, const Request& request, const GenerateOptions& options, const fs::path& path,
                    const Callbacks& callbacks) {
    const PictureFormat format = format_of_path(path);
    const std::string parameters = engine.parameters(request);
    // Only an init picture's own size can be beyond what a format holds.
    if (request.init_image && !request.width && !request.height)
        check_fits(format, request.init_image->width, request.init_image->height);
    if (!options.no_metadata && exceeds_exif(format, parameters) && callbacks.note)
        callbacks.note(
            fmt::format("{}: the settings are longer than a JPEG's Exif block holds and are stored as XMP, which fewer "
                        "programs read",
                        path.string()));
}

/// Saves a picture that could not be written, in the folder for temporary files; a clause that says where it is.
std::string kept_elsewhere(const Result& drawn, const GenerateOptions& options, const fs::path& path) {
    constexpr int most_names = 1000;
    std::error_code ignored;
    const fs::path folder = fs::temp_directory_path(ignored);
    for (int number = 1; number <= most_names; ++number) {
        const fs::path kept = folder / fmt::format("{}-{}.png", path.stem().string(), number);
        try {
            write_picture(kept, drawn.picture, options.no_metadata ? "" : drawn.parameters,
                          OutputFile::IfExists::refuse);
            return fmt::format("the picture that was drawn is kept as {}", kept.string());
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::already_exists) break;
        }
    }
    return "the picture that was drawn is lost";
}

}  // namespace

Outputs outputs(const GenerateOptions& options, const std::string& prompt) {
    if (options.show) check_viewer();
    Outputs found;
    found.if_exists = options.overwrite ? OutputFile::IfExists::replace : OutputFile::IfExists::refuse;
    found.if_others_exist = found.if_exists;
    if (options.output.empty()) {
        found.pictures = jobs::free_paths(prompt, options.batch_count);
    } else {
        format_of_path(options.output);
        found.pictures = jobs::numbered_paths(options.output, options.batch_count, found.if_exists);
    }
    if (!options.save_latents.empty()) {
        if (!options.save_latents.ends_with(".safetensors"))
            refuse_value("save_latents", options.save_latents, "give a name that ends in .safetensors");
        found.latents = jobs::numbered_paths(options.save_latents, options.batch_count, found.if_exists);
    }
    if (!options.save_mask.empty()) {
        if (options.mask.empty() && options.auto_mask.empty())
            refuse_value("save_mask", options.save_mask, "there is no mask; give `auto_mask` or `mask`");
        if (std::ranges::find(found.pictures, fs::path(options.save_mask)) != found.pictures.end())
            refuse_value("save_mask", options.save_mask, "this is also a picture's name; give another");
        format_of_path(options.save_mask);
        check_writable(options.save_mask, found.if_exists);
        found.mask = options.save_mask;
    }
    check_inputs(options, found);
    return found;
}

Result draw(Engine& engine, const Request& request, const GenerateOptions& options, const Outputs& files,
            std::size_t index, const Callbacks& callbacks, std::stop_token stop) {
    const fs::path& path = files.pictures[index];
    check_storable(engine, request, options, path, callbacks);
    Result drawn = engine.generate(request, callbacks, std::move(stop));
    try {
        if (index == 0 && !files.mask.empty()) write_mask(files.mask, *request.mask, files.if_others_exist);
        if (!files.latents.empty()) write_latents(files.latents[index], drawn.latents, files.if_others_exist);
        write_picture(path, drawn.picture, options.no_metadata ? "" : drawn.parameters, files.if_exists);
    } catch (const Error& error) {
        throw Error(error.kind(), fmt::format("{}; {}", error.what(), kept_elsewhere(drawn, options, path)),
                    error.field());
    }
    report_picture(options.reporting(), path.string(), drawn);
    if (options.show) open_with_viewer(path);
    return drawn;
}

}  // namespace easel::cli
