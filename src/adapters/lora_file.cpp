#include "adapters/lora_file.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "adapters/lora_groups.h"
#include "base/error.h"
#include "weights/floats.h"

namespace easel {
namespace {

using nlohmann::json;
using Metadata = std::map<std::string, std::string>;

std::string listed(const LoraParts& parts) {
    std::vector<std::string> shapes;
    for (const auto& [part, tensor] : parts)
        if (part != "alpha") shapes.push_back(fmt::format("{} [{}]", part, fmt::join(tensor.shape, ", ")));
    return fmt::format("{}", fmt::join(shapes, ", "));
}

/// What peft says of a layer's alpha: diffusers writes its configuration into the metadata, each key after the name of
/// a network.
struct PeftAlpha {
    std::optional<double> alpha;
    /// alpha counts by the root of the rank (Kalajdzievski 2023).
    bool rank_stabilized = false;
};

PeftAlpha peft_alpha(const Metadata& metadata, const AdaptedLayer& layer) {
    const auto found = metadata.find("lora_adapter_metadata");
    if (found == metadata.end()) return {};
    const json all = json::parse(found->second, nullptr, /*allow_exceptions=*/false);
    const std::string prefix(diffusers_prefix(layer.network));
    const auto value = [&](const char* key) -> json {
        return all.is_object() ? all.value(prefix + key, json()) : json();
    };
    PeftAlpha result;
    if (const json alpha = value("lora_alpha"); alpha.is_number()) result.alpha = alpha.get<double>();
    if (const json pattern = value("alpha_pattern"); pattern.is_object())
        for (const auto& [name, alpha] : pattern.items())
            if (alpha.is_number() &&
                (layer.name == name || layer.name == "text_model." + name || layer.name.ends_with("." + name))) {
                result.alpha = alpha.get<double>();
                break;
            }
    const json stabilized = value("use_rslora");
    result.rank_stabilized = stabilized.is_boolean() && stabilized.get<bool>();
    return result;
}

LoraLayers& layers_of(LoraFile& lora, AdaptedNetwork network) {
    switch (network) {
        case AdaptedNetwork::text_encoder:
            return lora.text_encoder;
        case AdaptedNetwork::text_encoder_2:
            return lora.text_encoder_2;
        case AdaptedNetwork::unet:
            break;
    }
    return lora.unet;
}

/// Checks the parts of one layer and says how they change it.
class LayerReader {
  public:
    LayerReader(const std::filesystem::path& path, const Metadata& metadata) : path_(path), metadata_(metadata) {}

    LoraLayer read(const std::string& name, LoraParts parts, const AdaptedLayer& layer) const {
        check_parts(name, parts);
        LoraLayer result{.kind = lora_kind(parts)};
        if (result.kind && !result.kind->fits(parts, layer.weight_shape))
            fail(
                ErrorKind::damaged,
                "{}: the layer {} cannot change a weight of the shape [{}]: it has {}. The file is damaged or was made "
                "for another model",
                path_.string(), name, fmt::join(layer.weight_shape, ", "), listed(parts));
        if (const auto rank = result.kind ? result.kind->rank(parts) : std::nullopt)
            result.scale = scale(name, parts, layer, static_cast<double>(*rank));
        check_lengths(name, parts, layer);
        check_bias(name, parts, layer);
        result.parts = std::move(parts);
        return result;
    }

  private:
    void check_parts(const std::string& name, const LoraParts& parts) const {
        for (const auto& [part, tensor] : parts) {
            if (!is_lora_part(part))
                fail(ErrorKind::unsupported,
                     "{}: the layer {} has the part {:.60}, which is of no kind of adapter that easel knows (LoRA, "
                     "LoCon, "
                     "LoHa, LoKr, DoRA, full)",
                     path_.string(), name, part);
            if (!is_float(tensor.dtype))
                fail(ErrorKind::unsupported, "{}: {}.{} is stored as {}, but F32, F16 or BF16 is needed",
                     path_.string(), name, part, easel::name(tensor.dtype));
        }
    }

    double scale(const std::string& name, const LoraParts& parts, const AdaptedLayer& layer, double rank) const {
        if (const auto alpha = parts.find("alpha"); alpha != parts.end()) {
            const std::vector<float> values = floats_of(alpha->second.bytes, alpha->second.dtype);
            if (values.size() != 1 || !std::isfinite(values[0]))
                fail(ErrorKind::damaged, "{}: {}.alpha is not a number", path_.string(), name);
            return values[0] / rank;
        }
        const PeftAlpha peft = peft_alpha(metadata_, layer);
        if (!peft.alpha) return 1.0;
        return *peft.alpha / (peft.rank_stabilized ? std::sqrt(rank) : rank);
    }

    void check_lengths(const std::string& name, const LoraParts& parts, const AdaptedLayer& layer) const {
        const auto lengths = parts.find("dora_scale");
        if (lengths == parts.end()) return;
        const std::vector<std::int64_t>& shape = lengths->second.shape;
        std::int64_t count = 1;
        for (const std::int64_t side : shape) count *= side;
        const bool by_output = !shape.empty() && shape[0] == layer.weight_shape[0] && count == shape[0];
        const bool by_input = shape.size() > 1 && layer.weight_shape.size() > 1 && shape[0] == 1 &&
                              shape[1] == layer.weight_shape[1] && count == shape[1];
        if (!by_output && !by_input)
            fail(ErrorKind::damaged, "{}: {}.dora_scale has the shape [{}], which fits no weight of the shape [{}]",
                 path_.string(), name, fmt::join(shape, ", "), fmt::join(layer.weight_shape, ", "));
    }

    void check_bias(const std::string& name, const LoraParts& parts, const AdaptedLayer& layer) const {
        for (const char* part : {"diff_b", "b_norm"}) {
            const auto change = parts.find(part);
            if (change == parts.end() || change->second.shape == layer.bias_shape) continue;
            fail(ErrorKind::damaged, "{}: {}.{} has the shape [{}], but the layer's bias has [{}]", path_.string(),
                 name, part, fmt::join(change->second.shape, ", "), fmt::join(layer.bias_shape, ", "));
        }
    }

    const std::filesystem::path& path_;
    const Metadata& metadata_;
};

}  // namespace

LoraFile read_lora(const std::filesystem::path& path, const SafetensorsContent& content, const LayerTable& layers) {
    LoraGroups groups = grouped(content.tensors);
    const std::vector<Family> families = families_of(groups, content.metadata);
    if (!families.empty() && std::ranges::find(families, layers.family()) == families.end())
        fail(ErrorKind::unsupported, "{}: was made for {} and does not fit this model, which is {}", path.string(),
             names_of(families), row_of(layers.family()).name);

    LoraFile lora{.path = path, .layer_count = groups.size()};
    const LayerReader reader(path, content.metadata);
    for (auto& [name, parts] : groups) {
        const AdaptedLayer* layer = layers.find(name);
        if (!layer) {
            lora.unknown.push_back(name);
            continue;
        }
        LoraLayer change = reader.read(name, std::move(parts), *layer);
        if (change.kind)
            if (const auto rank = change.kind->rank(change.parts)) lora.ranks.insert(*rank);
        layers_of(lora, layer->network).insert_or_assign(layer->name, std::move(change));
    }
    if (lora.applied_count() == 0)
        fail(ErrorKind::unsupported,
             "{}: none of its {} layers is one of this model (the first is {:.80}), so it is no LoRA for it",
             path.string(), lora.layer_count, lora.unknown.empty() ? "none" : lora.unknown.front());
    return lora;
}

LoraFile open_lora(const std::filesystem::path& path, const LayerTable& layers) {
    const SafetensorsFile file(path);
    LoraFile lora = read_lora(path, {.tensors = file.tensors(), .metadata = file.metadata()}, layers);
    lora.file = file.file();
    return lora;
}

std::string LoraFile::description() const {
    std::string text = fmt::format("applied {} of {} layers", applied_count(), layer_count);
    if (ranks.size() == 1)
        text += fmt::format(" (rank {})", *ranks.begin());
    else if (!ranks.empty())
        text += fmt::format(" (rank {} to {})", *ranks.begin(), *ranks.rbegin());
    constexpr std::size_t named = 3;
    if (!unknown.empty()) {
        const std::vector<std::string> first(
            unknown.begin(), unknown.begin() + static_cast<std::ptrdiff_t>(std::min(named, unknown.size())));
        text += fmt::format("; the model has no layer {:.200}{}", fmt::join(first, ", "),
                            unknown.size() > named ? fmt::format(" and {} more", unknown.size() - named) : "");
    }
    return text;
}

}  // namespace easel
