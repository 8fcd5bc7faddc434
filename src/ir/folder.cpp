#include "ir/folder.h"

#include <algorithm>
#include <system_error>

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
    for (const IrFiles* part : {&folder.text_encoder, &folder.unet, &folder.vae_decoder})
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

/// Throws Error unless the UNet takes what a plain one does.
void check_variant(const UNetConfig& unet, const VaeConfig& vae, const fs::path& path) {
    const UNetVariant* variant = unet_variant(unet.in_channels, vae.latent_channels);
    const std::string_view what = unet.time_cond_proj_dim > 0 ? "a model whose UNet takes the guidance scale"
                                  : variant                   ? variant->name
                                                              : std::string_view();
    if (!what.empty())
        fail(ErrorKind::unsupported,
             "{}: is {} as OpenVINO IR, which is not supported; give the model that it was exported from",
             path.string(), what);
}

IrFolder of_2022(const fs::path& path, const fs::path& files) {
    return {.kind = IrFolder::Kind::openvino_2022,
            .path = path,
            .text_encoder = files_at(files / "text_encoder"),
            .unet = files_at(files / "unet"),
            .vae_decoder = files_at(files / "vae_decoder"),
            .vae_encoder = files_at(files / "vae_encoder")};
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
    // Older exports keep the VAE's config in a folder of its own.
    const fs::path vae = path_exists(path / "vae_decoder" / "config.json") ? path / "vae_decoder" : path / "vae";
    folder.unet_config =
        parse_unet_config(config_in(path / "unet"), (path / "unet" / "config.json").string(), folder.notes);
    folder.vae_config = parse_vae_config(config_in(vae), (vae / "config.json").string(), folder.notes);
    check_variant(*folder.unet_config, *folder.vae_config, path);
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
