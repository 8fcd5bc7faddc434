#include "weights/upscaler_file.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"
#include "weights/contents.h"
#include "weights/pickle.h"
#include "weights/safetensors.h"

namespace easel {
namespace fs = std::filesystem;
namespace {

using Tensors = std::map<std::string, TensorView>;

constexpr std::int64_t most_blocks = 256, most_filters = 4096;

/// The averaged weights come first.
constexpr std::array<std::string_view, 2> wrappers = {"params_ema", "params"};

constexpr std::pair<std::string_view, std::string_view> modules[] = {
    // ESRGAN's first release.
    {"model.0", "conv_first"},
    {"model.3", "conv_up1"},
    {"model.6", "conv_up2"},
    {"model.8", "conv_hr"},
    {"model.10", "conv_last"},
    // Its later code.
    {"trunk_conv", "conv_body"},
    {"upconv1", "conv_up1"},
    {"upconv2", "conv_up2"},
    {"HRconv", "conv_hr"},
};

std::vector<std::string> split(std::string_view name) {
    std::vector<std::string> parts(1);
    for (const char c : name)
        if (c == '.')
            parts.emplace_back();
        else
            parts.back() += c;
    return parts;
}

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

/// Of a module, in any spelling.
std::string newest_name(const std::string& module) {
    const std::vector<std::string> parts = split(module);
    const bool is_old = module.starts_with("model.1.sub.");
    if (is_old && parts.size() == 4) return "conv_body";
    if (is_old && parts.size() >= 6) return fmt::format("body.{}.{}.{}", parts[3], lower(parts[4]), parts[5]);
    if (module.starts_with("RRDB_trunk.") && parts.size() == 4)
        return fmt::format("body.{}.{}.{}", parts[1], lower(parts[2]), parts[3]);
    for (const auto& [other, newest] : modules)
        if (module == other) return std::string(newest);
    return module;
}

/// What a dictionary of tensors holds, or the one in it under a wrapper's name.
Tensors tensors_of(const PickleValue& root, const fs::path& path) {
    const PickleValue* state = &root;
    for (const std::string_view wrapper : wrappers)
        if (const PickleValue* found = root.find(wrapper); found && found->entries()) {
            state = found;
            break;
        }
    if (!state->entries()) fail(ErrorKind::unsupported, "{}: holds no tensors by name", path.string());
    Tensors tensors;
    for (const auto& [key, value] : *state->entries())
        if (key->text() && value->tensor()) tensors[*key->text()] = *value->tensor();
    return tensors;
}

/// Those behind a wrapper's name, if there are any.
Tensors unwrapped(const Tensors& tensors) {
    for (const std::string_view wrapper : wrappers) {
        const std::string prefix = fmt::format("{}.", wrapper);
        Tensors below;
        for (auto entry = tensors.lower_bound(prefix); entry != tensors.end() && entry->first.starts_with(prefix);
             ++entry)
            below[entry->first.substr(prefix.size())] = entry->second;
        if (!below.empty()) return below;
    }
    return tensors;
}

/// Shapes by the newest names.
class Shapes {
  public:
    Shapes(const Weights& weights, const fs::path& path) : weights_(weights), path_(path) {}

    bool has(const std::string& name) const { return weights_.has(name); }
    int side(const std::string& name, std::size_t axis) const {
        const auto weight = weights_.find(name);
        if (!weight || weight->shape.size() <= axis)
            fail(ErrorKind::damaged, "{}: the upscaler's tensor {} is missing or has too few dimensions",
                 path_.string(), weights_.name_in_file(name));
        const std::int64_t side = weight->shape[axis];
        if (side < 1 || side > most_filters)
            fail(ErrorKind::unsupported, "{}: the upscaler's tensor {} has a side of {}", path_.string(),
                 weights_.name_in_file(name), side);
        return static_cast<int>(side);
    }
    int count(std::string_view prefix, std::string_view suffix, int step = 1) const {
        int number = 0;
        while (number < most_blocks && has(fmt::format("{}{}{}", prefix, number * step, suffix))) ++number;
        return number;
    }

  private:
    const Weights& weights_;
    const fs::path& path_;
};

UpscalerConfig rrdb_config(const Shapes& shapes, const fs::path& path) {
    constexpr int colours = 3, whole_scale = 4;
    UpscalerConfig config{.kind = UpscalerConfig::Kind::rrdb};
    config.filters = shapes.side("conv_first.weight", 0);
    config.blocks = shapes.count("body.", ".rdb1.conv1.weight");
    config.growth = shapes.side("body.0.rdb1.conv1.weight", 0);
    const int channels = shapes.side("conv_first.weight", 1);
    config.unshuffle = static_cast<int>(std::lround(std::sqrt(channels / colours)));
    if (colours * config.unshuffle * config.unshuffle != channels || whole_scale % config.unshuffle != 0)
        fail(ErrorKind::unsupported, "{}: the upscaler takes {} channels; easel runs those of 3, 12 and 48",
             path.string(), channels);
    config.scale = whole_scale / config.unshuffle;
    return config;
}

UpscalerConfig compact_config(const Shapes& shapes, const fs::path& path) {
    constexpr int colours = 3, greatest_scale = 8;
    UpscalerConfig config{.kind = UpscalerConfig::Kind::compact};
    config.filters = shapes.side("body.0.weight", 0);
    // Each but the last is followed by its activation.
    config.convolutions = shapes.count("body.", ".weight", 2) - 2;
    const int channels = shapes.side(fmt::format("body.{}.weight", 2 * (config.convolutions + 1)), 0);
    config.scale = static_cast<int>(std::lround(std::sqrt(channels / colours)));
    if (config.convolutions < 0 || colours * config.scale * config.scale != channels || config.scale > greatest_scale)
        fail(ErrorKind::unsupported,
             "{}: the upscaler gives {} channels for each pixel, which is no scale from 1 to {}", path.string(),
             channels, greatest_scale);
    return config;
}

struct UpscalerTensors {
    std::shared_ptr<const MappedFile> file;
    Tensors tensors;
};

UpscalerTensors upscaler_tensors(const fs::path& path) {
    auto file = std::make_shared<const MappedFile>(path);
    if (is_pickle(file->bytes())) return {file, tensors_of(Pickle(file->bytes(), path.string()).root(), path)};
    const SafetensorsFile opened(path);
    return {opened.file(), unwrapped(opened.tensors())};
}

/// The upscaler that these tensors are; none if they are something else.
std::optional<Network<UpscalerConfig>> upscaler_of(const UpscalerTensors& opened, const fs::path& path) {
    const auto& [file, tensors] = opened;
    std::map<std::string, std::string, std::less<>> names;
    for (const auto& [name, tensor] : tensors) {
        const std::size_t dot = std::min(name.rfind('.'), name.size());
        names[newest_name(name.substr(0, dot)) + name.substr(dot)] = name;
    }
    Network<UpscalerConfig> network;
    network.weights = Weights("upscaler", path.string(), [names](std::string_view newest) {
        const auto found = names.find(newest);
        return found == names.end() ? std::string(newest) : found->second;
    });
    network.weights.add_file(file);
    for (const auto& [newest, name] : names) network.weights.add(newest, tensors.at(name), file);
    const Shapes shapes(network.weights, path);
    if (shapes.has("conv_first.weight") && shapes.has("body.0.rdb1.conv1.weight"))
        network.config = rrdb_config(shapes, path);
    else if (shapes.has("body.0.weight") && shapes.has("body.1.weight"))
        network.config = compact_config(shapes, path);
    else
        return std::nullopt;
    return network;
}

}  // namespace

Network<UpscalerConfig> open_upscaler(const fs::path& path) {
    const UpscalerTensors opened = upscaler_tensors(path);
    if (auto found = upscaler_of(opened, path)) return *std::move(found);
    fail(ErrorKind::unsupported, "{}: is {}, where an upscaler is expected (ESRGAN's RRDBNet or Real-ESRGAN's Compact)",
         path.string(), contents_of(opened.tensors).name);
}

std::optional<Network<UpscalerConfig>> find_upscaler(const fs::path& path) {
    return upscaler_of(upscaler_tensors(path), path);
}

}  // namespace easel
