// Files of real checkpoints' names, with tensors taken out, exchanged and renumbered, and shapes that nothing backs:
// what a file is can be said, and each network in it has a configuration or is refused with an Error. Sizes that a
// shape claims are never allocated: the tensors have no bytes.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <easel/error.h>

#include "weights/configs.h"
#include "weights/contents.h"
#include "weights/inferred_configs.h"
#include "weights/names.h"
#include "weights/open_clip.h"
#include "weights/safetensors.h"

namespace {

using namespace easel;

using Tensors = std::map<std::string, TensorView>;

/// The names and shapes of the files that the tests have of each family.
const std::vector<std::vector<TensorView>>& vocabulary() {
    static const auto all = [] {
        const std::filesystem::path golden = EASEL_GOLDEN;
        std::vector<std::vector<TensorView>> files;
        for (const char* name : {"tiny/single/tiny.safetensors", "families/sd2_v.safetensors",
                                 "families/sdxl.safetensors", "tiny/vae_old_names/diffusion_pytorch_model.safetensors",
                                 "adapters/controlnet/edges/diffusion_pytorch_model.safetensors"}) {
            std::vector<TensorView>& file = files.emplace_back();
            const SafetensorsFile opened(golden / name);
            for (const auto& [key, tensor] : opened.tensors()) file.push_back({.name = key, .shape = tensor.shape});
        }
        return files;
    }();
    return all;
}

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
constexpr std::array<std::int64_t, 32> sides = {
    0,    1,     2,       3,       4,         5,         7,         8,         9,        16,   32,
    64,   77,    128,     256,     320,       512,       640,       768,       1024,     1280, 2048,
    2560, 49408, 1 << 20, 1 << 30, 1LL << 31, 1LL << 32, 1LL << 40, 1LL << 62, most / 2, most};

/// The first number in a name becomes another: "input_blocks.1.0.weight", "input_blocks.300.0.weight".
std::string renumbered(const std::string& name, int number) {
    const std::size_t begin = name.find_first_of("0123456789");
    if (begin == std::string::npos) return name;
    const std::size_t end = std::min(name.find_first_not_of("0123456789", begin), name.size());
    return name.substr(0, begin) + std::to_string(number) + name.substr(end);
}

/// The first byte chooses the file; of what follows four bytes are a change each: what, which tensor (two), and a
/// value.
Tensors changed(std::span<const std::uint8_t> data) {
    const auto& files = vocabulary();
    const auto& file = files[data.empty() ? 0 : data[0] % files.size()];
    Tensors tensors;
    for (const TensorView& tensor : file) tensors.emplace(tensor.name, tensor);
    for (std::size_t at = 1; at + 4 <= data.size() && at < 400; at += 4) {
        const std::size_t index = data[at + 1] + 256u * data[at + 2];
        const std::uint8_t value = data[at + 3];
        const std::string& name = file[index % file.size()].name;
        const auto found = tensors.find(name);
        const std::int64_t side = sides[value % sides.size()];
        switch (data[at] % 9) {
            case 0:
                tensors.erase(name);
                break;
            case 1:  // with all that share its first letters
                std::erase_if(tensors, [&](const auto& entry) {
                    return entry.first.starts_with(name.substr(0, 1 + value % name.size()));
                });
                break;
            case 2:
                if (found != tensors.end() && !found->second.shape.empty())
                    found->second.shape[value / sides.size() % found->second.shape.size()] = side;
                break;
            case 3:
                if (found != tensors.end() && found->second.shape.size() < 8) found->second.shape.push_back(side);
                break;
            case 4:
                if (found != tensors.end() && !found->second.shape.empty()) found->second.shape.pop_back();
                break;
            case 5: {
                const auto& other = files[value % files.size()];
                const TensorView& tensor = other[index % other.size()];
                tensors.insert_or_assign(tensor.name, tensor);
                break;
            }
            case 6:
                if (found != tensors.end()) tensors.emplace(renumbered(name, value * value), found->second);
                break;
            case 7:  // every side of that length, so that shapes keep fitting each other
                if (found != tensors.end() && !found->second.shape.empty())
                    for (const std::int64_t old = found->second.shape[0]; auto& [key, tensor] : tensors)
                        for (std::int64_t& each : tensor.shape)
                            if (each == old) each = side;
                break;
            default: {  // below another prefix
                Tensors moved;
                const std::string prefix = name.substr(0, name.find('.') + 1);
                for (auto& [key, tensor] : tensors)
                    moved.emplace(value % 2 ? prefix + key : key.substr(value % 4), tensor);
                tensors = std::move(moved);
            }
        }
    }
    return tensors;
}

NamedTensors below(std::string_view prefix, const Tensors& tensors) {
    NamedTensors inside;
    for (const auto& [name, tensor] : tensors)
        if (name.starts_with(prefix)) inside.emplace(name.substr(prefix.size()), tensor);
    return inside;
}

template <typename Try>
void or_refused(Try attempt) {
    try {
        attempt();
    } catch (const Error&) {
    }
}

void infer_networks(const NamedTensors& tensors) {
    std::vector<std::string> notes;
    or_refused([&] { parse_text_encoder_config(inferred_text_encoder_config(tensors, "fuzzed"), "fuzzed", notes); });
    or_refused([&] {
        NamedTensors own = from_open_clip(tensors, "fuzzed");
        drop_last_layer(own);
        parse_text_encoder_config(inferred_open_clip_config(own, "fuzzed"), "fuzzed", notes);
    });
    or_refused(
        [&] { original_unet_names(parse_unet_config(inferred_unet_config(tensors, "fuzzed"), "fuzzed", notes)); });
    or_refused([&] { original_vae_names(parse_vae_config(inferred_vae_config(tensors, "fuzzed"), "fuzzed", notes)); });
    or_refused([&] {
        original_controlnet_names(
            parse_controlnet_config(inferred_controlnet_config(tensors, "fuzzed"), "fuzzed", notes));
    });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Tensors tensors = changed({data, size});
    const Contents contents = contents_of(tensors);
    if (contents.name.empty()) std::abort();
    std::vector<std::string_view> prefixes = {"", "model.diffusion_model.", "first_stage_model."};
    if (contents.model) {
        prefixes = contents.model->text_encoder_prefixes;
        prefixes.insert(prefixes.end(), {contents.model->unet_prefix, contents.model->vae_prefix});
    }
    for (const std::string_view prefix : prefixes) infer_networks(below(prefix, tensors));
    return 0;
}
