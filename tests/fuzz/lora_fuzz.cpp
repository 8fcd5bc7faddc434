#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <easel/error.h>

#include "adapters/lora_file.h"
#include "adapters/weight_changes.h"
#include "weights/safetensors.h"

namespace {

using namespace easel;

/// A layer of each shape that a model has, with zeros for weights.
const Checkpoint& model() {
    static const Checkpoint checkpoint = [] {
        static const std::vector<std::byte> zeros(4 * 16);
        Checkpoint made;
        const auto add = [&](const std::string& layer, std::vector<std::int64_t> shape) {
            std::size_t count = 1;
            for (const std::int64_t side : shape) count *= static_cast<std::size_t>(side);
            made.unet.weights.add(
                layer + ".weight",
                {.name = layer, .shape = std::move(shape), .bytes = std::span(zeros).first(4 * count)}, nullptr);
            made.unet.weights.add(layer + ".bias", {.name = layer, .shape = {2}, .bytes = std::span(zeros).first(8)},
                                  nullptr);
        };
        add("a", {2, 4});
        add("b", {2, 2, 2, 2});
        add("c", {2});
        add("d", {2, 4, 1, 1});
        return made;
    }();
    return checkpoint;
}

}  // namespace

/// Whatever the bytes are: they are a LoRA for these layers, which can be merged, or are refused with an Error.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const LayerTable layers(model());
    try {
        const SafetensorsContent content = parse_safetensors(std::as_bytes(std::span(data, size)), "fuzzed");
        const auto lora = std::make_shared<const LoraFile>(read_lora("fuzzed", content, layers));
        const Weights changed =
            with_changes(model().unet.weights, {{.layers = std::shared_ptr<const LoraLayers>(lora, &lora->unet)}});
        for (const std::string& name : changed.names()) changed.at(name);
    } catch (const Error&) {
    }
    return 0;
}
