#include "train/lora.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "adapters/layer_table.h"
#include "base/error.h"
#include "weights/safetensors.h"

namespace easel::train {
namespace {

constexpr std::string_view unet_prefix = "unet.", text_encoder_prefix = "text_encoder.";
constexpr std::string_view down_ending = ".lora_down.weight", up_ending = ".lora_up.weight";
/// Readers take headers of a limited size, and people look at the first few.
constexpr std::size_t most_words = 1000;
constexpr std::int64_t greatest_rank = 1024;

double alpha_of(const LoraOptions& options) {
    return options.alpha > 0 ? options.alpha : static_cast<double>(options.rank);
}

using IsChosen = bool (*)(std::string_view layer);

/// Which layers of the UNet are meant.
IsChosen chosen_layers(const std::string& name) {
    if (name == "attention")
        return [](std::string_view layer) {
            return layer.find(".attn1.") != layer.npos || layer.find(".attn2.") != layer.npos;
        };
    if (name == "transformers") return [](std::string_view layer) { return layer.find(".attentions.") != layer.npos; };
    if (name == "all") return [](std::string_view layer) { return layer.find("_block") != layer.npos; };
    refuse_value("lora_layers", name, "give one of attention, transformers, all");
}

class Adder {
  public:
    Adder(const LoraOptions& options, std::uint64_t seed) : options_(options) { torch::manual_seed(seed); }

    void add(std::string_view prefix, const torch::nn::Module& network, IsChosen is_chosen) {
        for (auto& parameter : network.parameters()) parameter.set_requires_grad(false);
        for (const auto& module : network.named_modules()) {
            if (!is_chosen(module.key())) continue;
            const std::string name = std::string(prefix) + module.key();
            if (auto* const linear = module.value()->as<LinearImpl>()) linear->change = change(name, linear->weight);
            if (auto* const conv = module.value()->as<Conv2dImpl>()) conv->change = change(name, conv->weight);
        }
    }

    Parameters factors() && { return std::move(factors_); }

  private:
    /// `weight` is [outputs, inputs, kernel...].
    LowRank change(const std::string& name, const Tensor& weight) {
        std::vector<std::int64_t> down = weight.sizes().vec(), up(down.size(), 1);
        up[0] = std::exchange(down[0], options_.rank);
        up[1] = options_.rank;
        // Drawn as torch draws a layer's weight; on the CPU, so that devices agree.
        const double bound = 1 / std::sqrt(static_cast<double>(weight[0].numel()));
        const LowRank made{.down = torch::empty(down).uniform_(-bound, bound).to(weight.device()),
                           .up = torch::zeros(up, weight.options()),
                           .scale = alpha_of(options_) / static_cast<double>(options_.rank)};
        factors_.emplace(name + std::string(down_ending), made.down);
        factors_.emplace(name + std::string(up_ending), made.up);
        return made;
    }

    const LoraOptions& options_;
    Parameters factors_;
};

/// "lora_unet_mid_block_attentions_0_proj_in.lora_up.weight" of "unet.mid_block.attentions.0.proj_in.lora_up.weight",
/// without `ending`.
std::string kohya_layer(std::string_view factor, std::string_view ending) {
    factor.remove_suffix(ending.size());
    const bool is_unet = factor.starts_with(unet_prefix);
    factor.remove_prefix((is_unet ? unet_prefix : text_encoder_prefix).size());
    return kohya_name(is_unet ? AdaptedNetwork::unet : AdaptedNetwork::text_encoder, std::string(factor));
}

std::string trimmed(std::string_view text) {
    const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
    text.remove_prefix(begin);
    return std::string(text.substr(0, text.find_last_not_of(" \t") + 1));
}

nlohmann::json word_counts(const DataFile& data) {
    std::map<std::string, int> counts;
    for (const std::string& caption : data.captions()) {
        for (std::size_t begin = 0; begin <= caption.size();) {
            const std::size_t end = std::min(caption.find(',', begin), caption.size());
            if (std::string word = trimmed(std::string_view(caption).substr(begin, end - begin)); !word.empty())
                ++counts[std::move(word)];
            begin = end + 1;
        }
    }
    std::vector<std::pair<std::string, int>> sorted(counts.begin(), counts.end());
    std::ranges::stable_sort(sorted, std::ranges::greater(), &std::pair<std::string, int>::second);
    sorted.resize(std::min(sorted.size(), most_words));
    nlohmann::json json = nlohmann::json::object();
    for (const auto& [word, count] : sorted) json[word] = count;
    return json;
}

std::map<std::string, std::string> metadata(const std::filesystem::path& path, const LoraOptions& options,
                                            const Checkpoint& base, const DataFile& data) {
    const std::string rank = fmt::format("{}", options.rank), alpha = fmt::format("{}", alpha_of(options));
    const std::string folder = std::filesystem::path(data.where()).stem().string();
    std::map<std::string, std::string> entries = {
        {"ss_base_model_version", "sd_v1"},
        {"ss_sd_model_name", base.path.filename().empty() ? base.name : base.path.filename().string()},
        {"ss_network_module", "networks.lora"},
        {"ss_network_dim", rank},
        {"ss_network_alpha", alpha},
        {"ss_num_train_images", fmt::format("{}", data.count())},
        {"ss_output_name", path.stem().string()},
        {"ss_tag_frequency", nlohmann::json({{folder, word_counts(data)}}).dump()},
    };
    if (options.layers == "all")
        entries["ss_network_args"] = nlohmann::json({{"conv_dim", rank}, {"conv_alpha", alpha}}).dump();
    return entries;
}

}  // namespace

Parameters add_lora(Model& model, const LoraOptions& options, bool text_encoder, std::uint64_t seed) {
    if (options.rank < 1 || options.rank > greatest_rank)
        refuse_value("lora_rank", options.rank, "give a number from 1 to {}", greatest_rank);
    if (!(options.alpha >= 0) || std::isinf(options.alpha))
        refuse_value("lora_alpha", options.alpha, "give a number above 0, or 0 for the rank's");
    Adder adder(options, seed);
    adder.add(unet_prefix, *model.unet, chosen_layers(options.layers));
    adder.add(
        text_encoder_prefix, *model.text_encoder,
        text_encoder ? IsChosen([](std::string_view) { return true; }) : [](std::string_view) { return false; });
    Parameters factors = std::move(adder).factors();
    if (factors.empty())
        fail("{}: its UNet has no layers of the kind that `lora_layers` {} names", model.stored.name, options.layers);
    return factors;
}

void write_lora(const std::filesystem::path& path, const Parameters& factors, const LoraOptions& options, DType dtype,
                const Checkpoint& base, const DataFile& data) {
    const Weights weights = to_weights(factors, "LoRA", dtype);
    const auto alpha = static_cast<float>(alpha_of(options));
    std::vector<Weight> kept;
    std::vector<TensorView> views;
    for (const std::string& name : weights.names()) {
        const Weight& weight = kept.emplace_back(weights.at(name));
        const bool is_down = name.ends_with(down_ending);
        const std::string_view ending = is_down ? down_ending : up_ending;
        const std::string layer = kohya_layer(name, ending);
        views.push_back(
            {.name = layer + std::string(ending), .dtype = dtype, .shape = weight.shape, .bytes = weight.bytes});
        if (is_down)
            views.push_back({.name = layer + ".alpha",
                             .dtype = DType::F32,
                             .shape = {},
                             .bytes = std::as_bytes(std::span(&alpha, 1))});
    }
    write_safetensors(path, views, metadata(path, options, base, data));
}

}  // namespace easel::train
