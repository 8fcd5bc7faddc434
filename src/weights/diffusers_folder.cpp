#include <algorithm>
#include <array>
#include <set>
#include <system_error>

#include <fmt/ranges.h>

#include "base/error.h"
#include "base/json.h"
#include "base/quoted.h"
#include "weights/layouts.h"
#include "weights/names.h"

namespace easel {
namespace fs = std::filesystem;
namespace {

using nlohmann::json;

/// A class of pipelines that uses the plain networks of a supported family.
struct Pipeline {
    std::string_view name;
    /// What it does that easel does not; empty if nothing.
    std::string_view extra;
};

/// The UNet's channels and config are checked later.
constexpr std::array supported_pipelines = {
    Pipeline{"StableDiffusionPipeline", ""},
    Pipeline{"StableDiffusionImg2ImgPipeline", ""},
    Pipeline{"StableDiffusionInpaintPipeline", ""},
    Pipeline{"StableDiffusionInpaintPipelineLegacy", ""},
    Pipeline{"StableDiffusionInstructPix2PixPipeline", ""},
    Pipeline{"StableDiffusionXLPipeline", ""},
    Pipeline{"StableDiffusionXLImg2ImgPipeline", ""},
    Pipeline{"StableDiffusionXLInpaintPipeline", ""},
    Pipeline{"LatentConsistencyModelPipeline", ""},
    Pipeline{"LatentConsistencyModelImg2ImgPipeline", ""},
    Pipeline{"StableDiffusionPAGPipeline", "perturbed-attention guidance"},
    Pipeline{"StableDiffusionPAGImg2ImgPipeline", "perturbed-attention guidance"},
    Pipeline{"StableDiffusionPAGInpaintPipeline", "perturbed-attention guidance"},
    Pipeline{"StableDiffusionSAGPipeline", "self-attention guidance"},
    Pipeline{"StableDiffusionLongPromptWeightingPipeline", "weights in prompts, and prompts beyond 77 tokens"},
    Pipeline{"StableDiffusionAttendAndExcitePipeline", "attending and exciting"},
    Pipeline{"StableDiffusionPanoramaPipeline", "panoramas of overlapping windows"},
    Pipeline{"StableDiffusionParadigmsPipeline", "sampling several steps at once"},
    Pipeline{"StableDiffusionKDiffusionPipeline", "k-diffusion's own samplers"},
    Pipeline{"StableDiffusionDiffEditPipeline", "masks found by comparing prompts"},
    Pipeline{"StableDiffusionModelEditingPipeline", "edits of what the model takes for granted"},
    Pipeline{"CycleDiffusionPipeline", "editing by cycle diffusion"},
};

/// How the class names of other families' pipelines begin, and a phrase for such a model.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> other_families = {{
    {"StableDiffusionXL", "a Stable Diffusion XL model for another task"},
    {"StableDiffusion3", "a Stable Diffusion 3 model"},
    {"StableDiffusionControlNet", "a Stable Diffusion model with a ControlNet"},
    {"StableDiffusionUpscale", "a Stable Diffusion upscaler"},
    {"StableDiffusionLatentUpscale", "a Stable Diffusion upscaler"},
    {"StableDiffusionDepth2Img", "a Stable Diffusion 2.x depth model"},
    {"StableVideoDiffusion", "a Stable Video Diffusion model"},
    {"StableCascade", "a Stable Cascade model"},
    {"Flux", "a Flux model"},
    {"PixArt", "a PixArt model"},
    {"Kandinsky", "a Kandinsky model"},
    {"AnimateDiff", "an AnimateDiff model"},
}};

/// The class that a model_index.json names; a community pipeline is a list of its file and its class.
std::string pipeline_class(const json& index, const fs::path& path) {
    const json* found = index.is_object() && index.contains("_class_name") ? &index["_class_name"] : nullptr;
    if (found && found->is_array() && !found->empty()) found = &found->back();
    if (!found || !found->is_string())
        fail(ErrorKind::damaged, "{}: has no \"_class_name\", so the kind of model is unknown", path.string());
    std::string pipeline = *found;
    // optimum-intel puts OV before the name of a pipeline that it has exported.
    if (pipeline.starts_with("OV")) pipeline.erase(0, 2);
    return pipeline;
}

/// The optional text file `path`.
std::optional<std::string> text_if_there(const fs::path& path) {
    std::error_code ignored;
    if (!fs::exists(path, ignored)) return std::nullopt;
    return read_text_file(path);
}

json read_json(const fs::path& path) { return parse_json(read_text_file(path), path.string()); }

/// A part's weights in the files that hold them.
struct PartFiles {
    std::vector<SafetensorsFile> files;
    /// For sharded weights which file (an index into `files`) holds a tensor; empty for a single file.
    std::map<std::string, std::size_t> shard_of;
};

/// Opens the files that an index of shards names.
PartFiles open_shards(const fs::path& index_path) {
    const json index = read_json(index_path);
    if (!index.is_object() || !index.contains("weight_map") || !index["weight_map"].is_object())
        fail(ErrorKind::damaged, "{}: has no \"weight_map\" that says which file holds which tensor",
             index_path.string());
    PartFiles part;
    std::map<std::string, std::size_t> number_of_file;
    for (const auto& [tensor, file] : index["weight_map"].items()) {
        if (!file.is_string())
            fail(ErrorKind::damaged, "{}: the file of the tensor {} is not a text", index_path.string(),
                 in_quotes(tensor));
        const std::string file_name = file;
        if (file_name.find_first_of(std::string_view("/\\\0", 3)) != std::string::npos || file_name == ".." ||
            !file_name.ends_with(".safetensors"))
            fail(ErrorKind::damaged,
                 "{}: names the file {}; only .safetensors files in the same folder may stand there",
                 index_path.string(), in_quotes(file_name));
        const auto [place, is_new] = number_of_file.try_emplace(file_name, part.files.size());
        if (is_new) part.files.emplace_back(index_path.parent_path() / file_name);
        if (!part.files[place->second].tensors().contains(tensor))
            fail(ErrorKind::damaged, "{}: says that {} holds the tensor {}, but it does not", index_path.string(),
                 file_name, in_quotes(tensor));
        part.shard_of[tensor] = place->second;
    }
    return part;
}

/// Opens a part's weights: plain before variants, one file before shards, as diffusers looks for them.
PartFiles open_part(const fs::path& folder, const std::string& stem, std::vector<std::string>& notes) {
    std::error_code ignored;
    const auto is_there = [&](const std::string& file) { return fs::exists(folder / file, ignored); };
    for (const std::string_view variant : weight_variants) {
        const std::string file = weight_file(stem, variant);
        const auto indices = shard_indices(stem, variant);
        const auto index = std::ranges::find_if(indices, is_there);
        if (!is_there(file) && index == indices.end()) continue;
        if (!variant.empty())
            notes.push_back(fmt::format("{}: the {} variant is used; there is no plain one", folder.string(), variant));
        if (!is_there(file)) return open_shards(folder / *index);
        PartFiles part;
        part.files.emplace_back(folder / file);
        return part;
    }
    for (const std::string& pickle : {stem + ".bin", std::string("pytorch_model.bin"), stem + ".fp16.bin"})
        if (is_there(pickle)) {
            const MappedFile mapped(folder / pickle);  // reports what is not a pickle either
            fail(ErrorKind::unsupported,
                 "{}: is a pickle, which is not opened because it can run code, and there is no {}.safetensors next to "
                 "it; "
                 "convert it",
                 (folder / pickle).string(), stem);
        }
    fail(ErrorKind::not_found, "{}: has no weights ({}.safetensors, {}.safetensors.index.json or the same with .fp16)",
         folder.string(), stem, stem);
}

/// Reads one network's weights under their diffusers names.
Weights read_weights(const fs::path& folder, const PartFolder& part_folder, const NameTable& older_names,
                     std::vector<std::string>& notes) {
    const PartFiles part = open_part(folder, part_folder.stem, notes);
    const std::string where = (part.files.size() == 1 ? part.files.front().file()->path() : folder).string();
    const bool has_older_names = std::ranges::any_of(part.files, [&](const SafetensorsFile& file) {
        return std::ranges::any_of(
            file.tensors(), [&](const auto& entry) { return older_names.to_diffusers(entry.first) != entry.first; });
    });
    Weights weights(part_folder.network, where, [older_names, has_older_names](std::string_view diffusers_name) {
        return has_older_names ? older_names.from_diffusers(diffusers_name) : std::string(diffusers_name);
    });
    for (std::size_t i = 0; i < part.files.size(); ++i) {
        const SafetensorsFile& file = part.files[i];
        weights.add_file(file.file());
        for (const auto& [name, tensor] : file.tensors()) {
            const auto shard = part.shard_of.find(name);
            if (!part.shard_of.empty() && (shard == part.shard_of.end() || shard->second != i)) continue;
            add_as_diffusers_stores(weights, older_names.to_diffusers(name), tensor, file);
        }
    }
    return weights;
}

template <typename Parse>
auto config_in(const fs::path& folder, Parse parse, std::vector<std::string>& notes) {
    const fs::path path = folder / "config.json";
    return parse(read_json(path), path.string(), notes);
}

Weights text_encoder_weights(const fs::path& folder, const PartFolder& part, std::vector<std::string>& notes) {
    return read_weights(folder, part, unprefixed_text_encoder_names(), notes);
}

Weights unet_weights(const fs::path& folder, std::vector<std::string>& notes) {
    return read_weights(folder, unet_folder, NameTable(std::vector<ModuleNames>()), notes);
}

Weights vae_weights(const fs::path& folder, std::vector<std::string>& notes) {
    return read_weights(folder, vae_folder, older_vae_names(), notes);
}

}  // namespace

Network<TextEncoderConfig> text_encoder_in_folder(const fs::path& folder, std::vector<std::string>& notes) {
    return {config_in(folder, parse_text_encoder_config, notes),
            text_encoder_weights(folder, text_encoder_folder, notes)};
}

Network<TextEncoderConfig> text_encoder_2_in_folder(const fs::path& folder, std::vector<std::string>& notes) {
    return {config_in(folder, parse_text_encoder_config, notes),
            text_encoder_weights(folder, text_encoder_2_folder, notes)};
}

Network<UNetConfig> unet_in_folder(const fs::path& folder, std::vector<std::string>& notes) {
    return {config_in(folder, parse_unet_config, notes), unet_weights(folder, notes)};
}

Network<ControlNetConfig> controlnet_in_folder(const fs::path& folder, std::vector<std::string>& notes) {
    return {config_in(folder, parse_controlnet_config, notes),
            read_weights(folder, controlnet_folder, NameTable(std::vector<ModuleNames>()), notes)};
}

Network<VaeConfig> vae_in_folder(const fs::path& folder, std::vector<std::string>& notes) {
    return {config_in(folder, parse_vae_config, notes), vae_weights(folder, notes)};
}

std::vector<std::string> check_model_index(const fs::path& folder) {
    const fs::path path = folder / "model_index.json";
    std::error_code ignored;
    if (!fs::exists(path, ignored))
        fail(ErrorKind::not_found,
             "{}: is a folder without a model_index.json, so it is not a diffusers model; give such a folder or a "
             ".safetensors file",
             folder.string());
    const std::string pipeline = pipeline_class(read_json(path), path);
    const auto known = std::ranges::find(supported_pipelines, pipeline, &Pipeline::name);
    if (known != supported_pipelines.end()) {
        if (known->extra.empty()) return {};
        return {fmt::format("{}: is made for {}, which adds {}; easel uses its networks without that", folder.string(),
                            known->name, known->extra)};
    }
    for (const auto& [prefix, family] : other_families)
        if (pipeline.starts_with(prefix))
            fail(ErrorKind::unsupported, "{}: is {}, which is not supported yet; {}", folder.string(), family,
                 drawn_families());
    fail(ErrorKind::unsupported, "{}: is a model for {}, which is not supported; {}", folder.string(),
         in_quotes(pipeline), drawn_families());
}

std::string last_component(const fs::path& folder) {
    fs::path absolute = fs::absolute(folder).lexically_normal();
    if (!absolute.has_filename()) absolute = absolute.parent_path();
    // What was downloaded by name lies in models--owner--name/snapshots/<commit>.
    const std::string model = absolute.parent_path().parent_path().filename().string();
    if (model.starts_with("models--") && absolute.parent_path().filename() == "snapshots")
        return model.substr(model.rfind("--") + 2);
    return absolute.filename().string();
}

Checkpoint open_diffusers_folder(const fs::path& folder) {
    Checkpoint checkpoint;
    checkpoint.notes = check_model_index(folder);
    checkpoint.path = folder;
    checkpoint.layout = Checkpoint::Layout::diffusers_folder;
    checkpoint.name = last_component(folder);

    const json index = read_json(folder / "model_index.json");
    const auto has = [&](const char* key) {
        return index.contains(key) && index[key].is_array() && !index[key].empty() && !index[key].front().is_null();
    };
    const bool is_refiner = !has("text_encoder") && has("text_encoder_2");
    const PartFolder& text_encoder_part = is_refiner ? refiner_text_encoder_folder : text_encoder_folder;

    // The kind of model is reported before any problem with its weights.
    const fs::path text_encoder = folder / text_encoder_part.name, unet = folder / unet_folder.name,
                   vae = folder / vae_folder.name;
    checkpoint.text_encoder.config = config_in(text_encoder, parse_text_encoder_config, checkpoint.notes);
    checkpoint.unet.config = config_in(unet, parse_unet_config, checkpoint.notes);
    checkpoint.vae.config = config_in(vae, parse_vae_config, checkpoint.notes);
    checkpoint.family = is_refiner ? Family::stable_diffusion_xl_refiner
                                   : family_of(checkpoint.text_encoder.config, checkpoint.unet.config);
    const TextEncoderConfig* second = nullptr;
    if (checkpoint.family == Family::stable_diffusion_xl) {
        checkpoint.text_encoder_2.emplace();
        checkpoint.text_encoder_2->config =
            config_in(folder / text_encoder_2_folder.name, parse_text_encoder_config, checkpoint.notes);
        second = &checkpoint.text_encoder_2->config;
    }
    if (row_of(checkpoint.family).has_added_conditions())
        checkpoint.zeros_for_no_negative = index.value(force_zeros_key, json(!is_refiner)) == true;
    check_parts(checkpoint.text_encoder.config, checkpoint.unet.config, checkpoint.vae.config, checkpoint.family,
                folder.string(), second);

    checkpoint.text_encoder.weights = text_encoder_weights(text_encoder, text_encoder_part, checkpoint.notes);
    if (checkpoint.text_encoder_2)
        checkpoint.text_encoder_2->weights =
            text_encoder_weights(folder / text_encoder_2_folder.name, text_encoder_2_folder, checkpoint.notes);
    checkpoint.unet.weights = unet_weights(unet, checkpoint.notes);
    checkpoint.vae.weights = vae_weights(vae, checkpoint.notes);

    std::error_code ignored;
    checkpoint.scheduler_config = text_if_there(folder / "scheduler" / "scheduler_config.json");
    const auto tokenizer_in = [&](const char* name) {
        return fs::is_directory(folder / name, ignored) ? std::optional(folder / name) : std::nullopt;
    };
    checkpoint.tokenizer_folder = tokenizer_in(is_refiner ? "tokenizer_2" : "tokenizer");
    if (checkpoint.text_encoder_2) checkpoint.tokenizer_2_folder = tokenizer_in("tokenizer_2");
    checkpoint.easel_json = text_if_there(folder / "easel.json");
    return checkpoint;
}

}  // namespace easel
