#include "ir/folder.h"

#include <algorithm>
#include <system_error>

#include "base/diffusers_layout.h"
#include "base/error.h"
#include "base/files.h"
#include "base/json.h"
#include "weights/family.h"
#include "weights/layouts.h"

namespace easel {
namespace fs = std::filesystem;
namespace {

IrFiles files_at(const fs::path& stem) { return {stem.string() + ".xml", stem.string() + ".bin"}; }

void check_parts(const IrFolder& folder) {
    std::vector<const IrFiles*> parts = {&folder.text_encoder, &folder.unet, &folder.vae_decoder};
    if (folder.text_encoder_2) parts.push_back(&*folder.text_encoder_2);
    for (const IrFiles* part : parts)
        for (const fs::path& file : {part->xml, part->bin})
            if (!path_exists(file))
                fail("{}: is missing, so the OpenVINO model in this folder is incomplete", file.string());
}

bool has_own_weights(const fs::path& unet) {
    std::error_code ignored;
    return std::ranges::any_of(fs::directory_iterator(unet, ignored), [](const fs::directory_entry& entry) {
        return entry.path().extension() == ".safetensors";
    });
}

nlohmann::json config_in(const fs::path& folder) {
    return parse_json(read_text_file(folder / "config.json"), (folder / "config.json").string());
}

TextEncoderConfig text_config_in(const fs::path& folder, std::vector<std::string>& notes) {
    return parse_text_encoder_config(config_in(folder), (folder / "config.json").string(), notes);
}

IrFolder of_2022(const fs::path& path, const fs::path& files) {
    return {.kind = IrFolder::Kind::openvino_2022,
            .path = path,
            .text_encoder = files_at(files / "text_encoder"),
            .unet = files_at(files / "unet"),
            .vae_decoder = files_at(files / "vae_decoder"),
            .vae_encoder = files_at(files / "vae_encoder")};
}

/// Reads the text encoders' configs, and which family all configs are of.
void learn_family(IrFolder& folder) {
    const fs::path& path = folder.path;
    const fs::path text = folder.text_encoder.xml.parent_path();
    const bool is_refiner = text.filename() == text_encoder_2_folder.name;
    if (is_refiner || path_exists(text / "config.json"))
        folder.text_encoder_config = text_config_in(text, folder.notes);
    if (is_refiner)
        folder.family = Family::stable_diffusion_xl_refiner;
    else if (folder.text_encoder_config)
        folder.family = family_of(*folder.text_encoder_config, *folder.unet_config);
    if (folder.family == Family::stable_diffusion_xl) {
        folder.text_encoder_2 = files_at(path / text_encoder_2_folder.name / "openvino_model");
        folder.text_encoder_2_config = text_config_in(path / text_encoder_2_folder.name, folder.notes);
    }
    if (row_of(folder.family).has_added_conditions()) {
        const nlohmann::json index =
            parse_json(read_text_file(path / "model_index.json"), (path / "model_index.json").string());
        folder.zeros_for_no_negative = index.value(force_zeros_key, nlohmann::json(!is_refiner)) == true;
    }
    if (folder.text_encoder_config)
        check_parts(*folder.text_encoder_config, *folder.unet_config, *folder.vae_config, folder.family, path.string(),
                    folder.text_encoder_2_config ? &*folder.text_encoder_2_config : nullptr);
}

IrFolder of_optimum(const fs::path& path) {
    const auto part = [&](const char* name) { return files_at(path / name / "openvino_model"); };
    IrFolder folder{.kind = IrFolder::Kind::optimum,
                    .path = path,
                    .text_encoder = part("text_encoder"),
                    .unet = part("unet"),
                    .vae_decoder = part("vae_decoder"),
                    .vae_encoder = part("vae_encoder")};
    folder.notes = check_model_index(path);
    const bool is_refiner =
        path_exists(path / text_encoder_2_folder.name) && !path_exists(path / text_encoder_folder.name);
    if (is_refiner) folder.text_encoder = part(text_encoder_2_folder.name);
    // Older exports keep the VAE's config in a folder of its own.
    const fs::path vae = path_exists(path / "vae_decoder" / "config.json") ? path / "vae_decoder" : path / "vae";
    folder.unet_config =
        parse_unet_config(config_in(path / "unet"), (path / "unet" / "config.json").string(), folder.notes);
    folder.vae_config = parse_vae_config(config_in(vae), (vae / "config.json").string(), folder.notes);
    learn_family(folder);
    const fs::path scheduler = path / "scheduler" / "scheduler_config.json";
    if (path_exists(scheduler)) folder.scheduler_config = read_text_file(scheduler);
    return folder;
}

}  // namespace

std::optional<IrFolder> IrFolder::find(const fs::path& path) {
    std::optional<IrFolder> folder;
    if (path_exists(path / "unet" / "openvino_model.xml")) {
        if (has_own_weights(path / "unet")) return std::nullopt;
        folder = of_optimum(path);
    } else if (path_exists(path / "unet.xml")) {
        folder = of_2022(path, path);
    } else if (path_exists(path / "model" / "unet.xml")) {
        folder = of_2022(path, path / "model");
    } else {
        return std::nullopt;
    }
    check_parts(*folder);
    folder->name = last_component(path);
    if (path_exists(path / "easel.json")) folder->easel_json = read_text_file(path / "easel.json");
    return folder;
}

}  // namespace easel
