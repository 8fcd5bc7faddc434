#include <algorithm>
#include <initializer_list>
#include <span>
#include <system_error>
#include <tuple>

#include <fmt/format.h>

#include "base/error.h"
#include "base/json.h"
#include "base/json_field.h"
#include "weights/contents.h"
#include "weights/inferred_configs.h"
#include "weights/layouts.h"
#include "weights/names.h"
#include "weights/open_clip.h"
#include "weights/training.h"

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
    weights.add_file(file.file());
    for (const auto& [name, tensor] : tensors) add_as_diffusers_stores(weights, names.to_diffusers(name), tensor, file);
    return weights;
}

/// A config in the file's metadata, or none.
std::optional<std::string> metadata_config(const SafetensorsFile& file, const char* key) {
    const auto found = file.metadata().find(key);
    if (found == file.metadata().end()) return std::nullopt;
    if (found->second.size() > largest_config)
        fail(ErrorKind::damaged, "{}: {} in its metadata has {} bytes, more than the {} that a config may have",
             file.file()->path().string(), key, found->second.size(), largest_config);
    return found->second;
}

/// The configs in the file's metadata, or null.
json stored_configs(const SafetensorsFile& file) {
    const auto text = metadata_config(file, config_key);
    if (!text) return nullptr;
    const std::string where = fmt::format("{} ({} in its metadata)", file.file()->path().string(), config_key);
    json stored = parse_json(*text, where);
    require_object(stored, where);
    return stored;
}

/// A network's config: that in the file's metadata, else what `infer` makes of its shapes.
template <typename Parse, typename Infer>
auto config_of(const json& stored, const PartFolder& part, const NamedTensors& tensors, const SafetensorsFile& file,
               Parse parse, Infer infer, std::vector<std::string>& notes) {
    const std::string where = file.file()->path().string();
    if (!stored.is_null()) {
        const std::string of_metadata = fmt::format("{} ({} in its metadata)", where, config_key);
        if (!stored.contains(part.name)) fail(ErrorKind::damaged, "{}: \"{}\" is missing", of_metadata, part.name);
        return parse(stored[part.name], of_metadata, notes);
    }
    return parse(infer(tensors, where), fmt::format("{} (inferred from its shapes)", where), notes);
}

/// The tensors of an encoder in OpenCLIP's names, under transformers'.
Weights open_clip_weights(const NamedTensors& tensors, std::string_view prefix, const PartFolder& part,
                          const SafetensorsFile& file) {
    const NameTable names = open_clip_names();
    Weights weights(part.network, file.file()->path().string(),
                    [names, prefix = std::string(prefix)](std::string_view diffusers_name) {
                        return prefix + names.from_diffusers(diffusers_name);
                    });
    weights.add_file(file.file());
    for (const auto& [name, tensor] : tensors) {
        if (name.ends_with("position_ids")) continue;
        // There it is applied from the right.
        if (tensor.name.ends_with("text_projection"))
            weights.add(transposed({.name = name,
                                    .dtype = tensor.dtype,
                                    .shape = tensor.shape,
                                    .bytes = tensor.bytes,
                                    .owner = file.file()}));
        else
            weights.add(name, tensor, file.file());
    }
    return weights;
}

Network<TextEncoderConfig> text_encoder_below(std::string_view prefix, const FamilyTextEncoder& row,
                                              const PartFolder& part, const SafetensorsFile& file, const json& stored,
                                              std::vector<std::string>& notes) {
    NamedTensors tensors = below(prefix, file);
    if (row.names == TextNames::transformers)
        return {config_of(stored, part, tensors, file, parse_text_encoder_config, inferred_text_encoder_config, notes),
                renamed(tensors, unprefixed_text_encoder_names(), prefix, part.network, file)};
    tensors = from_open_clip(tensors, file.file()->path().string());
    if (has_unused_last_layer(row)) drop_last_layer(tensors);
    return {config_of(stored, part, tensors, file, parse_text_encoder_config, inferred_open_clip_config, notes),
            open_clip_weights(tensors, prefix, part, file)};
}

Network<UNetConfig> unet_below(std::string_view prefix, const SafetensorsFile& file, const json& stored,
                               std::vector<std::string>& notes) {
    const NamedTensors tensors = below(prefix, file);
    const UNetConfig config =
        config_of(stored, unet_folder, tensors, file, parse_unet_config, inferred_unet_config, notes);
    return {config, renamed(tensors, original_unet_names(config), prefix, unet_folder.network, file)};
}

Network<VaeConfig> vae_below(std::string_view prefix, const SafetensorsFile& file, const json& stored,
                             std::vector<std::string>& notes) {
    const NamedTensors tensors = below(prefix, file);
    const VaeConfig config = config_of(stored, vae_folder, tensors, file, parse_vae_config, inferred_vae_config, notes);
    return {config, renamed(tensors, original_vae_names(config), prefix, vae_folder.network, file)};
}

/// The prefix that a network's tensors have in a file: the one that most have, or none.
std::string_view prefix_in(const SafetensorsFile& file, std::span<const std::string_view> prefixes) {
    std::string_view best;
    std::size_t most = 0;
    for (const std::string_view prefix : prefixes)
        if (const std::size_t count = below(prefix, file).size(); count > most)
            std::tie(best, most) = std::tuple(prefix, count);
    return best;
}

bool has_names_beginning(std::string_view beginning, const SafetensorsFile& file) {
    const auto entry = file.tensors().lower_bound(std::string(beginning));
    return entry != file.tensors().end() && entry->first.starts_with(beginning);
}

void check_is_part(const SafetensorsFile& file, std::string_view prefix, std::initializer_list<const char*> beginnings,
                   const PartFolder& part) {
    const bool is_part = std::ranges::any_of(beginnings, [&](const char* beginning) {
        return has_names_beginning(fmt::format("{}{}", prefix, beginning), file);
    });
    if (!is_part)
        fail(ErrorKind::unsupported, "{}: is {}, where a {} is expected", file.file()->path().string(),
             contents_of(file.tensors()).name, part.network);
}

/// Throws Error on networks that share a ControlNet's names but are others.
void refuse_other_controls(const SafetensorsFile& file, std::string_view prefix) {
    for (const auto& [mark, kind] : {std::pair("lora_controlnet", "a Control-LoRA"),
                                     std::pair("task_embedding", "a ControlNet of several kinds (union)")})
        if (has_names_beginning(fmt::format("{}{}", prefix, mark), file))
            fail(ErrorKind::unsupported, "{}: is {}, which is not supported; a ControlNet of one kind is",
                 file.file()->path().string(), kind);
}

/// Where a folder has the network `part`: in itself, or below.
fs::path folder_of_part(const fs::path& folder, const PartFolder& part) {
    std::error_code ignored;
    return fs::exists(folder / "config.json", ignored) ? folder : folder / part.name;
}

/// The side of the latents that the published models of the family were trained on, which no tensor tells.
int native_latents(const Checkpoint& checkpoint) {
    constexpr int downsampling = 8;
    const FamilyRow& row = row_of(checkpoint.family);
    const bool is_velocity = checkpoint.scheduler_config && predicts_velocity(*checkpoint.scheduler_config);
    return (is_velocity ? row.native_side_of_velocity : row.native_side) / downsampling;
}

}  // namespace

std::optional<Family> family_of_single_file(const fs::path& path) {
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored)) return std::nullopt;
    const std::optional<WholeModel> model = contents_of(SafetensorsFile(path).tensors()).model;
    return model ? std::optional(model->family) : std::nullopt;
}

Checkpoint open_single_file(const fs::path& path) {
    const SafetensorsFile file(path);
    const std::string where = path.string();
    const Contents contents = contents_of(file.tensors());
    if (!contents.model)
        fail(ErrorKind::unsupported, "{}: is {}, which is not supported as a model; a whole checkpoint is needed; {}",
             where, contents.name, drawn_families());
    const auto& [family, text_encoder_prefixes, unet_prefix, vae_prefix] = *contents.model;
    if (!row_of(family).is_drawn)
        fail(ErrorKind::unsupported, "{}: is {}, which is not supported yet; {}", where, contents.name,
             drawn_families());

    const json stored = stored_configs(file);
    Checkpoint checkpoint;
    checkpoint.path = path;
    checkpoint.layout = Checkpoint::Layout::single_file;
    checkpoint.family = family;
    checkpoint.name = path.stem().string();
    checkpoint.text_encoder = text_encoder_below(text_encoder_prefixes.front(), row_of(family).text_encoders.front(),
                                                 first_text_encoder_folder(family), file, stored, checkpoint.notes);
    checkpoint.unet = unet_below(unet_prefix, file, stored, checkpoint.notes);
    checkpoint.vae = vae_below(vae_prefix, file, stored, checkpoint.notes);
    const TextEncoderConfig* second = nullptr;
    if (row_of(family).text_encoders.size() > 1) {
        checkpoint.text_encoder_2 = text_encoder_below(text_encoder_prefixes[1], row_of(family).text_encoders[1],
                                                       text_encoder_2_folder, file, stored, checkpoint.notes);
        second = &checkpoint.text_encoder_2->config;
    }
    if (row_of(family).has_added_conditions()) {
        const json usual = family != Family::stable_diffusion_xl_refiner;
        checkpoint.zeros_for_no_negative = (stored.is_null() ? usual : stored.value(force_zeros_key, usual)) == true;
    }
    if (stored.is_null()) checkpoint.vae.config.scaling_factor = row_of(family).scaling_factor;
    check_parts(checkpoint.text_encoder.config, checkpoint.unet.config, checkpoint.vae.config, family, where, second);

    checkpoint.scheduler_config = metadata_config(file, scheduler_config_key);
    if (!checkpoint.scheduler_config)
        checkpoint.scheduler_config = training_of_single_file(file, row_of(family), checkpoint.notes);
    if (stored.is_null()) checkpoint.unet.config.sample_size = native_latents(checkpoint);
    if (!below("model_ema.", file).empty())
        checkpoint.notes.push_back(fmt::format("{}: holds averaged (EMA) weights too; the plain ones are used", where));
    for (const std::string& left_over : contents.left_over)
        checkpoint.notes.push_back(fmt::format("{}: holds {} too, which is not used", where, left_over));
    return checkpoint;
}

Network<TextEncoderConfig> open_text_encoder(const fs::path& path) {
    std::vector<std::string> notes;
    if (fs::is_directory(path)) return text_encoder_in_folder(folder_of_part(path, text_encoder_folder), notes);
    const SafetensorsFile file(path);
    const FamilyTextEncoder& row = row_of(Family::stable_diffusion_1).text_encoders.front();
    const auto prefix = prefix_in(file, row.prefixes);
    check_is_part(file, prefix, {"text_model.", "embeddings."}, text_encoder_folder);
    return text_encoder_below(prefix, row, text_encoder_folder, file, stored_configs(file), notes);
}

Network<UNetConfig> open_unet(const fs::path& path) {
    std::vector<std::string> notes;
    if (fs::is_directory(path)) return unet_in_folder(folder_of_part(path, unet_folder), notes);
    const SafetensorsFile file(path);
    const auto prefix = prefix_in(file, unet_prefixes());
    if (prefix.empty() && has_names_beginning("down_blocks.", file))
        fail(ErrorKind::unsupported,
             "{}: has diffusers' names, which are not enough; give the folder with its config.json", path.string());
    check_is_part(file, prefix, {"input_blocks."}, unet_folder);
    return unet_below(prefix, file, stored_configs(file), notes);
}

Network<VaeConfig> open_vae(const fs::path& path) {
    std::vector<std::string> notes;
    if (fs::is_directory(path)) return vae_in_folder(folder_of_part(path, vae_folder), notes);
    const SafetensorsFile file(path);
    const auto prefix = prefix_in(file, vae_prefixes());
    check_is_part(file, prefix, {"decoder.up.", "decoder.up_blocks."}, vae_folder);
    return vae_below(prefix, file, stored_configs(file), notes);
}

Network<ControlNetConfig> open_controlnet(const fs::path& path, std::vector<std::string>& notes) {
    if (fs::is_directory(path)) return controlnet_in_folder(folder_of_part(path, controlnet_folder), notes);
    const SafetensorsFile file(path);
    constexpr std::string_view prefixes[] = {"control_model."};
    const std::string_view prefix = prefix_in(file, prefixes);
    check_is_part(file, prefix, {"input_hint_block.", "controlnet_cond_embedding."}, controlnet_folder);
    refuse_other_controls(file, prefix);
    const NamedTensors tensors = below(prefix, file);
    const std::string where = fmt::format("{} (inferred from its shapes)", path.string());
    ControlNetConfig config = parse_controlnet_config(inferred_controlnet_config(tensors, path.string()), where, notes);
    // The published one for shuffled pictures, which no shape tells apart; the web UI's extension goes by its name too.
    config.global_pool_conditions = path.stem().string().find("shuffle") != std::string::npos;
    const bool is_original = has_names_beginning(fmt::format("{}input_blocks.", prefix), file);
    const NameTable names = is_original ? original_controlnet_names(config) : NameTable(std::vector<ModuleNames>());
    return {config, renamed(tensors, names, prefix, controlnet_folder.network, file)};
}

}  // namespace easel
