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

/// The classes of model_index.json whose networks are Stable Diffusion 1.x's. What their UNet's channels and config say
/// is checked later.
constexpr std::array supported_pipelines = {
    std::string_view("StableDiffusionPipeline"),
    std::string_view("StableDiffusionImg2ImgPipeline"),
    std::string_view("StableDiffusionInpaintPipeline"),
    std::string_view("StableDiffusionInpaintPipelineLegacy"),
    std::string_view("StableDiffusionInstructPix2PixPipeline"),
    std::string_view("LatentConsistencyModelPipeline"),
    std::string_view("LatentConsistencyModelImg2ImgPipeline"),
};

/// How the class names of other families' pipelines begin.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> other_families = {{
    {"StableDiffusionXL", "a Stable Diffusion XL model"},
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
        fail("{}: has no \"weight_map\" that says which file holds which tensor", index_path.string());
    PartFiles part;
    std::map<std::string, std::size_t> number_of_file;
    for (const auto& [tensor, file] : index["weight_map"].items()) {
        if (!file.is_string()) fail("{}: the file of the tensor {} is no text", index_path.string(), in_quotes(tensor));
        const std::string file_name = file;
        if (file_name.find_first_of(std::string_view("/\\\0", 3)) != std::string::npos || file_name == ".." ||
            !file_name.ends_with(".safetensors"))
            fail("{}: names the file {}; only .safetensors files in the same folder may stand there",
                 index_path.string(), in_quotes(file_name));
        const auto [place, is_new] = number_of_file.try_emplace(file_name, part.files.size());
        if (is_new) part.files.emplace_back(index_path.parent_path() / file_name);
        if (!part.files[place->second].tensors().contains(tensor))
            fail("{}: says that {} holds the tensor {}, but it does not", index_path.string(), file_name,
                 in_quotes(tensor));
        part.shard_of[tensor] = place->second;
    }
    return part;
}

/// Opens a part's weights: plain before variants, one file before shards, as diffusers looks for them.
PartFiles open_part(const fs::path& folder, const std::string& stem, std::vector<std::string>& notes) {
    std::error_code ignored;
    const auto is_there = [&](const std::string& file) { return fs::exists(folder / file, ignored); };
    for (const std::string variant : {"", ".fp16", ".bf16"}) {
        const std::string file = stem + variant + ".safetensors";
        const std::vector<std::string> indices = {fmt::format("{}.safetensors.index{}.json", stem, variant),
                                                  fmt::format("{}{}.safetensors.index.json", stem, variant)};
        const auto index = std::ranges::find_if(indices, is_there);
        if (!is_there(file) && index == indices.end()) continue;
        if (!variant.empty())
            notes.push_back(
                fmt::format("{}: the {} variant is used; there is no plain one", folder.string(), variant.substr(1)));
        if (!is_there(file)) return open_shards(folder / *index);
        PartFiles part;
        part.files.emplace_back(folder / file);
        return part;
    }
    for (const std::string& pickle : {stem + ".bin", std::string("pytorch_model.bin"), stem + ".fp16.bin"})
        if (is_there(pickle)) {
            MappedFile(folder / pickle);  // names what is no pickle either
            fail(ErrorKind::unsupported,
                 "{}: is a pickle, which is not opened because it can run code, and there is no {}.safetensors beside "
                 "it; "
                 "convert it",
                 (folder / pickle).string(), stem);
        }
    fail("{}: has no weights ({}.safetensors, {}.safetensors.index.json or the same with .fp16)", folder.string(), stem,
         stem);
}

/// Reads one network's weights under their diffusers names.
Weights read_part(Checkpoint& checkpoint, const std::string& folder_name, const std::string& stem,
                  const std::string& network, const NameTable& older_names) {
    const fs::path folder = checkpoint.path / folder_name;
    const PartFiles part = open_part(folder, stem, checkpoint.notes);
    const std::string where = (part.files.size() == 1 ? part.files.front().file()->path() : folder).string();
    const bool has_older_names = std::ranges::any_of(part.files, [&](const SafetensorsFile& file) {
        return std::ranges::any_of(
            file.tensors(), [&](const auto& entry) { return older_names.to_diffusers(entry.first) != entry.first; });
    });
    Weights weights(network, where, [older_names, has_older_names](std::string_view diffusers_name) {
        return has_older_names ? older_names.from_diffusers(diffusers_name) : std::string(diffusers_name);
    });
    for (std::size_t i = 0; i < part.files.size(); ++i) {
        const SafetensorsFile& file = part.files[i];
        checkpoint.files.push_back(file.file());
        for (const auto& [name, tensor] : file.tensors()) {
            const auto shard = part.shard_of.find(name);
            if (!part.shard_of.empty() && (shard == part.shard_of.end() || shard->second != i)) continue;
            add_as_diffusers_stores(weights, older_names.to_diffusers(name), tensor, file);
        }
    }
    return weights;
}

}  // namespace

void check_model_index(const fs::path& folder) {
    const fs::path path = folder / "model_index.json";
    std::error_code ignored;
    if (!fs::exists(path, ignored))
        fail(
            "{}: is a folder without a model_index.json, so it is no diffusers model; give such a folder or a "
            ".safetensors file",
            folder.string());
    const json index = read_json(path);
    if (!index.is_object() || !index.contains("_class_name") || !index["_class_name"].is_string())
        fail("{}: has no \"_class_name\", so it does not say what model this is", path.string());
    // optimum-intel puts OV before the name of a pipeline that it has exported.
    std::string pipeline = index["_class_name"];
    if (pipeline.starts_with("OV")) pipeline.erase(0, 2);
    if (std::ranges::find(supported_pipelines, pipeline) != supported_pipelines.end()) return;
    for (const auto& [prefix, family] : other_families)
        if (pipeline.starts_with(prefix))
            fail("{}: is {}, which is not supported yet; Stable Diffusion 1.x is", folder.string(), family);
    fail("{}: is a model for {}, which is not supported; Stable Diffusion 1.x is", folder.string(),
         in_quotes(pipeline));
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
    check_model_index(folder);
    Checkpoint checkpoint;
    checkpoint.path = folder;
    checkpoint.layout = Checkpoint::Layout::diffusers_folder;
    checkpoint.name = last_component(folder);

    const auto config_of = [&](const char* part) { return folder / part / "config.json"; };
    const auto parsed = [&](auto parse, const char* part) {
        return parse(read_json(config_of(part)), config_of(part).string());
    };
    checkpoint.text_encoder.config = parsed(parse_text_encoder_config, "text_encoder");
    checkpoint.unet.config = parsed(parse_unet_config, "unet");
    checkpoint.vae.config = parsed(parse_vae_config, "vae");
    check_family(checkpoint.text_encoder.config, checkpoint.unet.config, checkpoint.vae.config, folder.string());

    checkpoint.text_encoder.weights =
        read_part(checkpoint, "text_encoder", "model", "text encoder", unprefixed_text_encoder_names());
    checkpoint.unet.weights =
        read_part(checkpoint, "unet", "diffusion_pytorch_model", "UNet", NameTable(std::vector<ModuleNames>()));
    checkpoint.vae.weights = read_part(checkpoint, "vae", "diffusion_pytorch_model", "VAE", older_vae_names());

    std::error_code ignored;
    checkpoint.scheduler_config = text_if_there(folder / "scheduler" / "scheduler_config.json");
    if (fs::is_directory(folder / "tokenizer", ignored)) checkpoint.tokenizer_folder = folder / "tokenizer";
    checkpoint.easel_json = text_if_there(folder / "easel.json");
    return checkpoint;
}

}  // namespace easel
