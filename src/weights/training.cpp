#include "weights/training.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "base/files.h"
#include "base/json.h"
#include "base/quoted.h"
#include "weights/floats.h"

namespace easel {
namespace fs = std::filesystem;
namespace {

enum class Prediction { noise, velocity };

std::optional<Prediction> prediction_by_name(std::string_view name) {
    constexpr std::array<std::string_view, 4> velocity = {"v", "v_prediction", "v-prediction", "vpred"};
    constexpr std::array<std::string_view, 3> noise = {"epsilon", "eps", "noise"};
    if (std::ranges::find(velocity, name) != velocity.end()) return Prediction::velocity;
    if (std::ranges::find(noise, name) != noise.end()) return Prediction::noise;
    return std::nullopt;
}

std::string_view without(std::string_view text, std::string_view characters) {
    text.remove_prefix(std::min(text.find_first_not_of(characters), text.size()));
    return text.substr(0, text.find_last_not_of(characters) + 1);
}

/// The value of `parameterization` in a training config, or none. YAML is read no further than this.
std::optional<std::string> parameterization_of(std::string_view yaml) {
    constexpr std::string_view key = "parameterization:";
    while (!yaml.empty()) {
        const std::size_t end = std::min(yaml.find('\n'), yaml.size());
        std::string_view line = without(yaml.substr(0, end), " \t\r");
        yaml.remove_prefix(std::min(end + 1, yaml.size()));
        if (!line.starts_with(key)) continue;
        line = line.substr(key.size());
        return std::string(without(line.substr(0, line.find('#')), " \t\"'"));
    }
    return std::nullopt;
}

/// The first source that says what the UNet predicts.
std::optional<Prediction> stated_prediction(const SafetensorsFile& file, std::vector<std::string>& notes) {
    const fs::path path = file.file()->path();
    const auto understood = [&](const std::string& name, const std::string& where) {
        const auto prediction = prediction_by_name(name);
        if (!prediction)
            notes.push_back(fmt::format("{}: says that the model predicts {}, which is not known; noise is assumed",
                                        where, in_quotes(name)));
        return prediction;
    };
    fs::path yaml = path;
    yaml.replace_extension(".yaml");
    std::error_code ignored;
    if (fs::is_regular_file(yaml, ignored))
        if (const auto stated = parameterization_of(read_text_file(yaml)))
            if (const auto prediction = understood(*stated, yaml.string())) return prediction;
    if (file.tensors().contains("v_pred")) return Prediction::velocity;
    for (const char* key : {"modelspec.prediction_type", "modelspec.predict_key"})
        if (const auto found = file.metadata().find(key); found != file.metadata().end())
            if (const auto prediction = understood(found->second, fmt::format("{} ({})", path.string(), key)))
                return prediction;
    return std::nullopt;
}

/// The bias of the norm before the last self-attention, which spreads wider in Stable Diffusion 2.x trained on the
/// velocity. Source: ComfyUI's supported_models.py (SD20).
Prediction prediction_of_weights(const SafetensorsFile& file) {
    constexpr double most_of_noise = 0.09;
    constexpr std::int64_t plain_channels = 4;
    const auto named = [&](const std::string& name) {
        return file.tensors().find(fmt::format("{}{}", unet_prefixes().front(), name));
    };
    const auto input = named("input_blocks.0.0.weight");
    if (input == file.tensors().end() || input->second.shape.size() != 4 || input->second.shape[1] != plain_channels)
        return Prediction::noise;
    auto bias = file.tensors().end();
    for (int block = 0; named(fmt::format("output_blocks.{}.0.in_layers.0.weight", block)) != file.tensors().end();
         ++block)
        if (const auto found = named(fmt::format("output_blocks.{}.1.transformer_blocks.0.norm1.bias", block));
            found != file.tensors().end())
            bias = found;
    if (bias == file.tensors().end() || !is_float(bias->second.dtype) || bias->second.bytes.empty())
        return Prediction::noise;
    const std::vector<float> values = floats_of(bias->second.bytes, bias->second.dtype);
    double sum = 0, squares = 0;
    for (const double value : values) {
        sum += value;
        squares += value * value;
    }
    const double count = static_cast<double>(values.size()), mean = sum / count;
    return std::sqrt(squares / count - mean * mean) > most_of_noise ? Prediction::velocity : Prediction::noise;
}

}  // namespace

bool predicts_velocity(const std::string& scheduler_config) {
    // Whether it is sound is found out where it is used.
    const auto config = nlohmann::json::parse(scheduler_config, nullptr, /*allow_exceptions=*/false);
    return config.is_object() && config.contains("prediction_type") && config["prediction_type"] == "v_prediction";
}

std::optional<std::string> training_of_single_file(const SafetensorsFile& file, const FamilyRow& family,
                                                   std::vector<std::string>& notes) {
    const bool is_velocity = stated_prediction(file, notes)
                                 .value_or(family.weights_tell_prediction ? prediction_of_weights(file)
                                                                          : Prediction::noise) == Prediction::velocity;
    if (!is_velocity) return std::nullopt;
    nlohmann::json fields = parse_json(family.scheduler_config, family.name);
    // The sampler is chosen as for any single file.
    fields.erase("_class_name");
    fields.erase("timestep_spacing");
    fields["prediction_type"] = "v_prediction";
    if (file.tensors().contains("ztsnr")) {
        fields["rescale_betas_zero_snr"] = true;
        // Else the timestep of pure noise is left out (Lin et al. 2023, section 3.3).
        fields["timestep_spacing"] = "trailing";
    }
    return fields.dump();
}

}  // namespace easel
