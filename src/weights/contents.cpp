#include "weights/contents.h"

#include <algorithm>
#include <array>
#include <span>
#include <tuple>

#include <fmt/format.h>

#include "base/quoted.h"

namespace easel {
namespace {

using Tensors = std::map<std::string, TensorView>;

enum class Where { is, begins, contains };

/// A name that only tensors of one kind of file have.
struct Mark {
    Where where;
    std::string_view text;
};

/// A kind of file that is no model of a family in the table.
struct Kind {
    std::string_view name;
    /// Trained for a model, and harmless in the file of one, however much of it there is.
    bool is_addition;
    std::vector<Mark> marks;
};

const std::vector<Kind>& kinds() {
    using enum Where;
    static const std::vector<Kind> all = {
        {"a LoRA (LoHa)", true, {{contains, ".hada_w1"}, {contains, ".hada_w2"}}},
        {"a LoRA (LoKr)", true, {{contains, ".lokr_w1"}, {contains, ".lokr_w2"}}},
        {"a LoRA",
         true,
         {{begins, "lora_"},
          {contains, ".lora_down."},
          {contains, ".lora_up."},
          {contains, ".lora_A."},
          {contains, ".lora_B."},
          {contains, ".lora.down."},
          {contains, ".lora.up."},
          {contains, "_lora.down."},
          {contains, "_lora.up."},
          {contains, ".lora_linear_layer."}}},
        {controlnet_alone, false, {{begins, "control_model."}, {begins, "controlnet_"}, {begins, "input_hint_block."}}},
        {"an IP-Adapter", false, {{begins, "ip_adapter."}, {begins, "image_proj."}}},
        {"a motion module (AnimateDiff)", false, {{contains, "motion_modules."}}},
        {"a textual inversion embedding",
         false,
         {{is, "emb_params"}, {begins, "string_to_param"}, {is, "clip_l"}, {is, "clip_g"}}},
        {"a Stable Diffusion 3 model", false, {{begins, "joint_blocks."}, {contains, ".joint_blocks."}}},
        {"a Flux model", false, {{begins, "double_blocks."}, {contains, ".double_blocks."}}},
        {"an AuraFlow model", false, {{begins, "double_layers."}, {contains, ".double_layers."}}},
        {"a Stable Video Diffusion model", false, {{contains, ".time_stack."}}},
        {"a Stable Cascade model", false, {{begins, "clip_txt_mapper."}, {begins, "clf."}}},
        {"a PixArt or Sana model", false, {{begins, "adaln_single."}, {contains, ".adaln_single."}}},
        {"a HunyuanDiT model", false, {{begins, "mlp_t5."}, {contains, ".mlp_t5."}}},
        {"a Stable Diffusion XL model", false, {{begins, "conditioner.embedders."}}},
        {"a Stable Diffusion 2.x model", false, {{begins, "cond_stage_model.model."}}},
    };
    return all;
}

bool fits(const Mark& mark, std::string_view name) {
    switch (mark.where) {
        case Where::is:
            return name == mark.text;
        case Where::begins:
            return name.starts_with(mark.text);
        case Where::contains:
            return name.find(mark.text) != std::string_view::npos;
    }
    return false;
}

/// How many tensors are of a kind, and the first one's name.
struct Found {
    std::size_t count = 0;
    std::string_view first;
};

/// Names below `known` are a model's own, whatever they look like.
Found find(const Kind& kind, const Tensors& tensors, const std::vector<std::string_view>& known) {
    Found found;
    for (const auto& entry : tensors) {
        const std::string_view name = entry.first;
        const auto is_below = [&](std::string_view prefix) { return name.starts_with(prefix); };
        if (std::ranges::any_of(known, is_below)) continue;
        if (!std::ranges::any_of(kind.marks, [&](const Mark& mark) { return fits(mark, name); })) continue;
        if (found.count++ == 0) found.first = name;
    }
    return found;
}

std::size_t count_below(std::string_view prefix, const Tensors& tensors) {
    std::size_t count = 0;
    for (auto entry = tensors.lower_bound(std::string(prefix));
         entry != tensors.end() && entry->first.starts_with(prefix); ++entry)
        ++count;
    return count;
}

/// The prefix below which most tensors lie, and how many.
struct Prefix {
    std::string_view text;
    std::size_t count = 0;
};

Prefix most_used(std::span<const std::string_view> prefixes, const Tensors& tensors) {
    Prefix best;
    for (const std::string_view prefix : prefixes)
        if (const std::size_t count = count_below(prefix, tensors); count > best.count) best = {prefix, count};
    return best;
}

/// Where original files have a UNet; other networks may lie below the same prefix.
Prefix unet_in(const Tensors& tensors) {
    Prefix best;
    for (const std::string_view prefix : unet_prefixes()) {
        std::size_t count = 0;
        for (const char* blocks : {"input_blocks.", "middle_block.", "output_blocks.", "time_embed.", "out."})
            count += count_below(fmt::format("{}{}", prefix, blocks), tensors);
        if (count > best.count) best = {prefix, count};
    }
    return best;
}

bool has_added_conditions(std::string_view unet_prefix, const Tensors& tensors) {
    const auto found = tensors.find(fmt::format("{}label_emb.0.0.weight", unet_prefix));
    return found != tensors.end() && found->second.shape.size() == 2;
}

/// The text encoders of `row`, where the file has them all: each with at least a tenth of the largest one's tensors.
std::vector<Prefix> text_encoders_of(const FamilyRow& row, const Tensors& tensors) {
    std::vector<Prefix> found;
    for (const FamilyTextEncoder& encoder : row.text_encoders) found.push_back(most_used(encoder.prefixes, tensors));
    const std::size_t largest = std::ranges::max(found, {}, &Prefix::count).count;
    const bool has_all = std::ranges::all_of(
        found, [&](const Prefix& prefix) { return prefix.count * 10 >= largest && prefix.count > 0; });
    return has_all ? found : std::vector<Prefix>();
}

/// The whole model in the file, of the family whose text encoders have the most tensors.
std::optional<WholeModel> whole_model(const Tensors& tensors) {
    const Prefix unet = unet_in(tensors), vae = most_used(vae_prefixes(), tensors);
    if (unet.count == 0 || vae.count == 0) return std::nullopt;
    std::optional<WholeModel> model;
    std::size_t most = 0;
    const bool added_conditions = has_added_conditions(unet.text, tensors);
    for (const FamilyRow& row : families()) {
        const std::vector<Prefix> encoders = text_encoders_of(row, tensors);
        std::size_t count = 0;
        for (const Prefix& prefix : encoders) count += prefix.count;
        // The same text encoder under the same name serves two families, distinguished by the UNet.
        const bool fits_better =
            count > most || (count == most && count > 0 && row.has_added_conditions() == added_conditions);
        if (!fits_better) continue;
        most = count;
        model = WholeModel{.family = row.family, .unet_prefix = unet.text, .vae_prefix = vae.text};
        for (const Prefix& prefix : encoders) model->text_encoder_prefixes.push_back(prefix.text);
    }
    return model;
}

/// The family of a UNet alone, if its tensors show it: from the added conditions and the widths of its attention.
std::string family_of_unet(std::string_view prefix, const Tensors& tensors) {
    const auto shape_ending = [&](std::string_view ending) -> const std::vector<std::int64_t>* {
        for (auto entry = tensors.lower_bound(std::string(prefix));
             entry != tensors.end() && entry->first.starts_with(prefix); ++entry)
            if (entry->first.ends_with(ending)) return &entry->second.shape;
        return nullptr;
    };
    const auto* context = shape_ending("attn2.to_k.weight");
    const auto* projection = shape_ending(".proj_in.weight");
    if (!context || context->size() != 2 || !projection) return {};
    if (has_added_conditions(prefix, tensors)) {
        constexpr std::int64_t width_of_refiner = 1280;
        return std::string(row_of(context->back() == width_of_refiner ? Family::stable_diffusion_xl_refiner
                                                                      : Family::stable_diffusion_xl)
                               .name);
    }
    return std::string(row_of(projection->size() == 2 ? Family::stable_diffusion_2 : Family::stable_diffusion_1).name);
}

/// A network alone, and what the names of such files begin with.
struct LonePart {
    std::string_view name;
    std::vector<std::string_view> beginnings;
};

const std::vector<LonePart>& lone_parts() {
    static const std::vector<LonePart> all = {
        {"a UNet alone", {"down_blocks.", "input_blocks.", "mid_block.", "output_blocks.", "up_blocks."}},
        {vae_alone, {"encoder.down.", "encoder.down_blocks.", "decoder.up.", "decoder.up_blocks."}},
        {"a text encoder alone", {"text_model.", "embeddings.", "transformer.text_model."}},
    };
    return all;
}

/// What a file without all three networks is.
std::string name_of_parts(const Tensors& tensors) {
    constexpr std::string_view any_text[] = {"cond_stage_model.", "text_encoders.", "conditioner."};
    const Prefix unet = unet_in(tensors);
    const bool has_unet = unet.count > 0, has_vae = most_used(vae_prefixes(), tensors).count > 0,
               has_text = most_used(any_text, tensors).count > 0;
    if (has_unet && has_vae) return "a UNet and a VAE without a text encoder";
    if (has_unet && has_text) return "a UNet and a text encoder without a VAE";
    if (has_vae && has_text) return "a VAE and a text encoder without a UNet";
    if (has_unet) {
        const std::string family = family_of_unet(unet.text, tensors);
        return family.empty() ? "a UNet alone" : fmt::format("a UNet alone ({})", family);
    }
    if (has_vae) return std::string(vae_alone);
    if (has_text) return "a text encoder alone";
    // The original's decoder and encoder, and diffusers' AutoencoderTiny.
    for (const char* mark : {"3.conv.0.weight", "1.conv.0.weight", "decoder.layers.0.weight"})
        if (tensors.contains(mark)) return std::string(tiny_vae_alone);
    std::string_view best;
    std::size_t most = 0;
    for (const LonePart& part : lone_parts()) {
        std::size_t count = 0;
        for (const std::string_view beginning : part.beginnings) count += count_below(beginning, tensors);
        if (count > most) std::tie(best, most) = std::tuple(part.name, count);
    }
    return most > 0 ? std::string(best) : "a safetensors file, but not a Stable Diffusion checkpoint";
}

/// Of a whole model's tensors, the part from which on a kind decides what the file is; of another file's.
constexpr std::size_t deciding_part_of_model = 10, deciding_part_of_other = 50;

}  // namespace

Contents contents_of(const Tensors& tensors) {
    Contents contents{.model = whole_model(tensors)};
    const auto known = contents.model ? contents.model->text_encoder_prefixes : std::vector<std::string_view>();
    for (const Kind& kind : kinds()) {
        const auto [count, first] = find(kind, tensors, known);
        if (count == 0) continue;
        const std::size_t part = contents.model ? deciding_part_of_model : deciding_part_of_other;
        const bool decides = count * part >= tensors.size() && !(contents.model && kind.is_addition);
        if (decides) return {.name = std::string(kind.name)};
        contents.left_over.push_back(
            fmt::format("{} tensor{} of {} ({})", count, count == 1 ? "" : "s", kind.name, in_quotes(first)));
    }
    if (contents.model) {
        // Their other tensors are those of Stable Diffusion XL, but they were trained for other noise levels.
        if (tensors.contains("edm_mean")) return {.name = "a Playground 2.5 model"};
        if (tensors.contains("edm_vpred.sigma_max")) return {.name = "a CosXL model"};
        contents.name = fmt::format("a {} model", row_of(contents.model->family).name);
        return contents;
    }
    if (tensors.size() == 1 && tensors.begin()->second.shape.size() <= 2)
        return {.name = "a textual inversion embedding"};
    return {.name = name_of_parts(tensors)};
}

}  // namespace easel
