#include "hub/file_choice.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fnmatch.h>

#include "base/diffusers_layout.h"
#include "base/error.h"

namespace easel::hub {
namespace {

using Names = std::set<std::string>;

constexpr std::array<std::string_view, 7> pickle_endings = {".bin", ".ckpt",   ".pt",    ".pth",
                                                            ".pkl", ".pickle", ".joblib"};
/// Enough names for one sentence.
constexpr std::size_t most_named = 12;

/// The encoder is needed only for image to image.
constexpr std::array needed_ir_parts = {"text_encoder", "unet", "vae_decoder"};
constexpr const char* optional_ir_part = "vae_encoder";

std::string without_ending(const std::string& name) { return name.substr(0, name.rfind('.')); }

/// A pickle can run code when it is opened. The .bin beside an .xml of the same name is OpenVINO's weights.
bool is_pickle(const std::string& name, const Names& names) {
    const auto ends = [&](std::string_view ending) { return name.ends_with(ending); };
    return std::ranges::any_of(pickle_endings, ends) &&
           !(name.ends_with(".bin") && names.contains(without_ending(name) + ".xml"));
}

std::string list_of(const std::vector<std::string>& names) {
    const auto shown = std::min(names.size(), most_named);
    return fmt::format("{}{}", fmt::join(names.begin(), names.begin() + shown, ", "),
                       names.size() > shown ? fmt::format(" and {} more", names.size() - shown) : "");
}

/// The names for which `matches` holds.
template <typename Matches>
std::vector<std::string> select(const Names& names, Matches&& matches) {
    std::vector<std::string> found;
    std::ranges::copy_if(names, std::back_inserter(found), matches);
    return found;
}

std::vector<std::string> pickles_in(const Names& names, const std::string& folder) {
    return select(names, [&](const std::string& name) { return name.starts_with(folder) && is_pickle(name, names); });
}

bool is_at_top(const std::string& name) { return name.find('/') == std::string::npos; }

/// The shards of `stem` and `variant` with their index if all exist; else nothing.
std::vector<std::string> shards(const Names& names, const std::string& stem, const std::string& variant) {
    std::vector<std::string> found;
    int of = 0;
    for (const std::string& name : names) {
        const int count = shard_count(name, stem, variant);
        if (count == 0) continue;
        of = count;
        found.push_back(name);
    }
    if (found.empty() || static_cast<int>(found.size()) != of) return {};
    for (const std::string& index : shard_indices(stem, variant))
        if (names.contains(index)) {
            found.insert(found.begin(), index);
            return found;
        }
    return {};
}

/// A part's weights in one variant: one file before shards.
std::vector<std::string> weights(const Names& names, const PartFolder& part, const std::string& variant) {
    const std::string stem = fmt::format("{}/{}", part.name, part.stem);
    const std::string file = weight_file(stem, variant);
    if (names.contains(file)) return {file};
    return shards(names, stem, variant);
}

/// A part's weights: of the requested variant if the part has it, else plain, fp16 or bf16.
std::vector<std::string> part_weights(const Names& names, const PartFolder& part, const std::string& variant,
                                      std::string_view where) {
    std::vector<std::string> variants(weight_variants.begin(), weight_variants.end());
    if (!variant.empty()) variants.insert(variants.begin(), variant);
    for (const std::string& candidate : variants)
        if (auto found = weights(names, part, candidate); !found.empty()) return found;
    const auto pickles = pickles_in(names, fmt::format("{}/", part.name));
    if (!pickles.empty())
        fail(
            "{}: has the weights of {} only as pickles ({}), which are not opened because they can run code; look for "
            "a revision or another repository with .safetensors",
            where, part.name, list_of(pickles));
    fail("{}: has no complete weights of {} ({}/{})", where, part.name, part.name, weight_file(part.stem));
}

/// The parts of a diffusers folder. Stable Diffusion XL has two text encoders, its refiner the second one alone.
std::vector<PartFolder> diffusers_parts(const Names& names) {
    const auto is_there = [&](const PartFolder& part) {
        const std::string folder = fmt::format("{}/", part.name);
        const auto first = names.lower_bound(folder);
        return first != names.end() && first->starts_with(folder);
    };
    std::vector<PartFolder> parts;
    if (is_there(text_encoder_folder) || !is_there(text_encoder_2_folder)) parts.push_back(text_encoder_folder);
    if (is_there(text_encoder_2_folder)) parts.push_back(text_encoder_2_folder);
    parts.insert(parts.end(), {unet_folder, vae_folder});
    return parts;
}

/// The settings that easel reads in addition to the weights, as far as they exist.
std::vector<std::string> settings_files(const Names& names) {
    return select(names, [](const std::string& name) {
        return name == "model_index.json" || name == "easel.json" || name == "scheduler/scheduler_config.json" ||
               ((name.starts_with("tokenizer/") || name.starts_with("tokenizer_2/")) &&
                (name.ends_with(".json") || name.ends_with(".txt")));
    });
}

void append(std::vector<std::string>& files, const std::vector<std::string>& more) {
    files.insert(files.end(), more.begin(), more.end());
}

FileChoice choose_diffusers(const Names& names, const Wanted& wanted, std::string_view where) {
    FileChoice choice{FileChoice::Kind::diffusers_folder, settings_files(names)};
    std::vector<std::string> all_weights;
    for (const PartFolder& part : diffusers_parts(names)) {
        append(all_weights, part_weights(names, part, wanted.variant, where));
        const std::string config = fmt::format("{}/config.json", part.name);
        if (!names.contains(config)) fail("{}: has no {}", where, config);
        choice.files.push_back(config);
    }
    const auto is_of_variant = [&](const std::string& name) {
        return name.find("." + wanted.variant) != std::string::npos;
    };
    if (!wanted.variant.empty() && std::ranges::none_of(all_weights, is_of_variant))
        fail("{}: has no variant {}; leave `variant` out, or give one of those in {}", where, wanted.variant,
             list_of(select(names, [](const std::string& name) { return name.ends_with(".safetensors"); })));
    append(choice.files, all_weights);
    return choice;
}

/// IR in which a part's files are `before` + part + `after` + ".xml" and ".bin".
FileChoice choose_openvino(const Names& names, const std::string& after, std::string_view where) {
    FileChoice choice{FileChoice::Kind::openvino_folder, settings_files(names)};
    std::vector<std::string> all_weights;
    const auto take = [&](const std::string& part) {
        for (const std::string& file : {part + after + ".xml", part + after + ".bin"}) {
            if (!names.contains(file)) fail("{}: has no {}", where, file);
            all_weights.push_back(file);
        }
        if (names.contains(part + "/config.json")) choice.files.push_back(part + "/config.json");
    };
    for (const char* part : needed_ir_parts) take(part);
    if (names.contains(optional_ir_part + after + ".xml")) take(optional_ir_part);
    append(choice.files, all_weights);
    return choice;
}

FileChoice choose_included(const Names& names, const Wanted& wanted, std::string_view where) {
    const auto is_included = [&](const std::string& name) {
        return std::ranges::any_of(
            wanted.include, [&](const std::string& glob) { return ::fnmatch(glob.c_str(), name.c_str(), 0) == 0; });
    };
    const auto matching = select(names, is_included);
    if (matching.empty())
        fail("{}: no file matches `include` {}; there are {}", where, fmt::join(wanted.include, ", "),
             list_of({names.begin(), names.end()}));
    FileChoice choice{FileChoice::Kind::included, {}};
    std::ranges::copy_if(matching, std::back_inserter(choice.files),
                         [&](const std::string& name) { return !is_pickle(name, names); });
    if (choice.files.empty())
        fail("{}: what `include` {} matches are pickles ({}), which are not taken because they can run code", where,
             fmt::join(wanted.include, ", "), list_of(matching));
    return choice;
}

FileChoice choose_single_file(const Names& names, std::string_view where) {
    const auto files =
        select(names, [](const std::string& name) { return is_at_top(name) && name.ends_with(".safetensors"); });
    if (files.size() == 1) return {FileChoice::Kind::single_file, files};
    if (files.size() > 1)
        fail("{}: has several models at its top ({}); choose one with easel pull --include NAME", where,
             list_of(files));
    if (const auto pickles = pickles_in(names, ""); !pickles.empty())
        fail(
            "{}: has its weights only as pickles ({}), which are not opened because they can run code; look for "
            "another repository with .safetensors",
            where, list_of(pickles));
    fail("{}: is not a model that easel knows: it has no model_index.json, no unet.xml and no .safetensors at its top",
         where);
}

}  // namespace

FileChoice choose_files(const std::vector<std::string>& list, const Wanted& wanted, std::string_view where) {
    const Names names(list.begin(), list.end());
    if (!wanted.include.empty()) return choose_included(names, wanted, where);
    const auto unet_weights = [&] {
        return std::ranges::any_of(
            names, [](const std::string& name) { return name.starts_with("unet/") && name.ends_with(".safetensors"); });
    };
    if (names.contains("unet/openvino_model.xml") && !unet_weights())
        return choose_openvino(names, "/openvino_model", where);
    if (names.contains("model_index.json")) return choose_diffusers(names, wanted, where);
    if (names.contains("unet.xml")) return choose_openvino(names, "", where);
    return choose_single_file(names, where);
}

}  // namespace easel::hub
