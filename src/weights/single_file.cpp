#include <algorithm>

#include <fmt/format.h>

#include "base/error.h"
#include "base/json.h"
#include "weights/families.h"
#include "weights/inferred_configs.h"
#include "weights/layouts.h"
#include "weights/names.h"

namespace easel {
namespace fs = std::filesystem;
namespace {

using nlohmann::json;

/// The tensors whose names begin with `prefix`, under the rest of their names.
NamedTensors below(std::string_view prefix, const SafetensorsFile& file) {
    NamedTensors result;
    for (auto entry = file.tensors().lower_bound(std::string(prefix));
         entry != file.tensors().end() && entry->first.starts_with(prefix); ++entry)
        result[entry->first.substr(prefix.size())] = entry->second;
    return result;
}

/// One network's weights under their diffusers names.
Weights renamed(const NamedTensors& tensors, const NameTable& names, std::string_view prefix, const char* network,
                const SafetensorsFile& file) {
    // A table may allow for names that this file does not use (the text encoder's without its prefix).
    const bool renames =
        std::ranges::any_of(tensors, [&](const auto& entry) { return names.to_diffusers(entry.first) != entry.first; });
    Weights weights(network, file.file()->path().string(),
                    [names, prefix = std::string(prefix), renames](std::string_view diffusers_name) {
                        return prefix + (renames ? names.from_diffusers(diffusers_name) : std::string(diffusers_name));
                    });
    for (const auto& [name, tensor] : tensors) add_as_diffusers_stores(weights, names.to_diffusers(name), tensor, file);
    return weights;
}

/// The three configs: those in the file's metadata, else those that the shapes tell.
struct Configs {
    json text_encoder, unet, vae;
    std::string where;
};

/// A config in the file's metadata, or none.
std::optional<std::string> metadata_config(const SafetensorsFile& file, const char* key) {
    const auto found = file.metadata().find(key);
    if (found == file.metadata().end()) return std::nullopt;
    if (found->second.size() > largest_config)
        fail("{}: {} in its metadata has {} bytes, more than the {} that a config may have",
             file.file()->path().string(), key, found->second.size(), largest_config);
    return found->second;
}

Configs stored_configs(const std::string& text, const std::string& file) {
    const std::string where = fmt::format("{} ({} in its metadata)", file, config_key);
    const json stored = parse_json(text, where);
    for (const char* part : {"text_encoder", "unet", "vae"})
        if (!stored.is_object() || !stored.contains(part)) fail("{}: \"{}\" is missing", where, part);
    return {stored["text_encoder"], stored["unet"], stored["vae"], where};
}

}  // namespace

Checkpoint open_single_file(const fs::path& path) {
    const SafetensorsFile file(path);
    const std::string where = path.string();
    if (const auto kind = other_kind(file.tensors()))
        fail("{}: is {}, which is not supported as a model; a whole Stable Diffusion 1.x checkpoint is", where, *kind);

    const NamedTensors text_encoder = below(text_encoder_prefix, file);
    const NamedTensors unet = below(unet_prefix, file);
    const NamedTensors vae = below(vae_prefix, file);
    const auto stored = metadata_config(file, config_key);
    const Configs configs =
        stored ? stored_configs(*stored, where)
               : Configs{inferred_text_encoder_config(text_encoder, where), inferred_unet_config(unet, where),
                         inferred_vae_config(vae, where), fmt::format("{} (as its shapes tell)", where)};

    Checkpoint checkpoint;
    checkpoint.path = path;
    checkpoint.layout = Checkpoint::Layout::single_file;
    checkpoint.name = path.stem().string();
    checkpoint.text_encoder.config = parse_text_encoder_config(configs.text_encoder, configs.where);
    checkpoint.unet.config = parse_unet_config(configs.unet, configs.where);
    checkpoint.vae.config = parse_vae_config(configs.vae, configs.where);
    check_family(checkpoint.text_encoder.config, checkpoint.unet.config, checkpoint.vae.config, where);

    checkpoint.text_encoder.weights =
        renamed(text_encoder, unprefixed_text_encoder_names(), text_encoder_prefix, "text encoder", file);
    checkpoint.unet.weights = renamed(unet, original_unet_names(checkpoint.unet.config), unet_prefix, "UNet", file);
    checkpoint.vae.weights = renamed(vae, original_vae_names(checkpoint.vae.config), vae_prefix, "VAE", file);
    checkpoint.files.push_back(file.file());
    checkpoint.scheduler_config = metadata_config(file, scheduler_config_key);
    if (!below("model_ema.", file).empty())
        checkpoint.notes.push_back(fmt::format("{}: holds averaged (EMA) weights too; the plain ones are used", where));
    if (!below("lora_", file).empty())
        checkpoint.notes.push_back(fmt::format("{}: holds a LoRA too, which is not used", where));
    return checkpoint;
}

}  // namespace easel
