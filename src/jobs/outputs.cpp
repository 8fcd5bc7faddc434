#include "jobs/outputs.h"

#include <algorithm>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"
#include "base/output_name.h"
#include "collection/control_files.h"
#include "jobs/output_paths.h"
#include "pictures/format.h"
#include "pictures/parameters.h"
#include "pictures/write.h"
#include "weights/safetensors.h"

namespace easel::jobs {
namespace fs = std::filesystem;
namespace {

void write_latents(const fs::path& path, const Latents& latents, OutputFile::IfExists if_exists) {
    const TensorView tensor{.name = "latents",
                            .dtype = DType::F32,
                            .shape = {1, latents.channels, latents.height, latents.width},
                            .bytes = std::as_bytes(std::span(latents.values))};
    write_safetensors(path, std::span(&tensor, 1), {}, if_exists);
}

/// Throws Error if a file that is read would be replaced.
void check_inputs(const Drawing& drawing, std::span<const OutputFiles> files) {
    std::vector<Input> inputs{{"init_image", drawing.inputs.init_image},
                              {"mask", drawing.inputs.mask},
                              {"params_from", drawing.params_from},
                              {"scheduler_config", drawing.request.scheduler_config}};
    for (const fs::path& picture : control_pictures(drawing.request)) inputs.push_back({"controls", picture});
    for (const IpAdapter& adapter : drawing.request.ip_adapters) {
        inputs.push_back({"ip_adapters", adapter.file});
        inputs.push_back({"ip_adapters", adapter.image_embeds});
    }
    const fs::path& model = drawing.engine.model;
    std::error_code ignored;
    // A model's folder may hold pictures too.
    if (!fs::is_directory(model, ignored)) inputs.push_back({"model", model});
    if (!fs::is_directory(drawing.engine.refiner, ignored)) inputs.push_back({"refiner", drawing.engine.refiner});
    for (const OutputFiles& file : files) check_apart("output", file.picture, inputs);
    if (const fs::path& mask = files.front().mask; !mask.empty()) check_apart("save_mask", mask, inputs);
    inputs.push_back({"model", model});
    for (const OutputFiles& file : files)
        if (!file.latents.empty()) check_apart("save_latents", file.latents, inputs);
}

/// Throws Error, before anything is drawn, if the format cannot hold the picture.
void check_storable(const Engine& engine, const Request& request, const OutputFiles& files,
                    const Callbacks& callbacks) {
    const PictureFormat format = format_of_path(files.picture);
    const std::string parameters = engine.parameters(request);
    // Only an init picture's own size can be beyond what a format holds.
    if (request.init_image && !request.width && !request.height)
        check_fits(format, request.init_image->width, request.init_image->height);
    if (files.metadata && exceeds_exif(format, parameters) && callbacks.note)
        callbacks.note(
            fmt::format("{}: the settings are longer than a JPEG's Exif block holds and are stored as XMP, which fewer "
                        "programs read",
                        files.picture.string()));
}

}  // namespace

std::vector<OutputFiles> output_files(const Drawing& drawing, int count) {
    const OutputNames& names = drawing.outputs;
    const auto if_exists = names.overwrite ? OutputFile::IfExists::replace : OutputFile::IfExists::refuse;
    if (!names.output.empty()) format_of_path(names.output);
    const std::vector<fs::path> pictures = names.output.empty() ? free_paths(drawing.request.prompt, count)
                                                                : numbered_paths(names.output, count, if_exists);
    std::vector<OutputFiles> files;
    for (const fs::path& picture : pictures)
        files.push_back({.picture = picture,
                         .latents = {},
                         .mask = {},
                         .metadata = names.metadata,
                         .if_exists = if_exists,
                         .if_others_exist = if_exists});
    if (!names.save_latents.empty()) {
        if (!names.save_latents.string().ends_with(".safetensors"))
            refuse_value("save_latents", names.save_latents.string(), "give a name that ends in .safetensors");
        const std::vector<fs::path> latents = numbered_paths(names.save_latents, count, if_exists);
        for (std::size_t i = 0; i < files.size(); ++i) files[i].latents = latents[i];
    }
    if (!names.save_mask.empty()) {
        const std::string mask = names.save_mask.string();
        if (drawing.inputs.mask.empty() && drawing.inputs.auto_mask.empty())
            refuse_value("save_mask", mask, "there is no mask; give `auto_mask` or `mask`");
        if (std::ranges::find(pictures, names.save_mask) != pictures.end())
            refuse_value("save_mask", mask, "this is also a picture's name; give another");
        format_of_path(names.save_mask);
        check_writable(names.save_mask, if_exists);
        files.front().mask = names.save_mask;
    }
    check_inputs(drawing, files);
    return files;
}

Drawn draw(Engine& engine, const Request& request, const OutputFiles& files, const Callbacks& callbacks,
           std::stop_token stop) {
    check_storable(engine, request, files, callbacks);
    Drawn drawn{.result = engine.generate(request, callbacks, std::move(stop))};
    const Result& result = drawn.result;
    // The mask and the latents come first, as a picture that is there is done. They are those of the picture, which may
    // have a random seed.
    if (files.if_exists == OutputFile::IfExists::keep && path_exists(files.picture)) {
        drawn.is_written = false;
        return drawn;
    }
    try {
        if (!files.mask.empty()) write_mask(files.mask, request.mask.value(), files.if_others_exist);
        if (!files.latents.empty()) write_latents(files.latents, result.latents, files.if_others_exist);
        drawn.is_written =
            write_picture(files.picture, result.picture, files.metadata ? result.parameters : "", files.if_exists);
    } catch (const Error& error) {
        throw Error(error.kind(), fmt::format("{}; {}", error.what(), kept_elsewhere(result, files)), error.field());
    }
    return drawn;
}

std::string kept_elsewhere(const Result& drawn, const OutputFiles& files) {
    constexpr int most_names = 1000;
    std::error_code ignored;
    const fs::path folder = fs::temp_directory_path(ignored);
    for (int number = 1; number <= most_names; ++number) {
        const fs::path kept = folder / fmt::format("{}-{}.png", files.picture.stem().string(), number);
        try {
            write_picture(kept, drawn.picture, files.metadata ? drawn.parameters : "", OutputFile::IfExists::refuse);
            return fmt::format("the picture that was drawn is kept as {}", kept.string());
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::already_exists) break;
        }
    }
    return "the picture that was drawn is lost";
}

}  // namespace easel::jobs
