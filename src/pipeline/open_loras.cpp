#include "pipeline/open_loras.h"

#include <memory>
#include <utility>

#include <fmt/format.h>

#include "adapters/lora_hash.h"
#include "base/error.h"

namespace easel {
NetworkChanges OpenLoras::open(const std::vector<Lora>& loras, const LayerTable& layers,
                               const std::function<void(const std::string&)>& note) {
    if (!loras.empty() && layers.empty())
        refuse("loras",
               "the weights of this model (OpenVINO IR) cannot be changed; draw with the checkpoint that it was "
               "made from");
    NetworkChanges changes;
    for (const Lora& asked : loras) {
        const auto lora = files_.get(asked.file, [&]() -> ReadFiles<LoraFile> {
            auto read = std::make_shared<const LoraFile>(open_lora(asked.file, layers));
            if (note) note(fmt::format("{}: {}", asked.file.filename().string(), read->description()));
            return {std::move(read), {asked.file}};
        });
        add_changes(changes, lora, asked.weight, asked.text_encoder_weight.value_or(asked.weight));
    }
    files_.close_others();
    return changes;
}

std::vector<NamedHash> hashes_of(const std::vector<Lora>& loras) {
    std::vector<NamedHash> hashes;
    for (const Lora& lora : loras) hashes.push_back({.name = lora.file.stem().string(), .hash = lora_hash(lora.file)});
    return hashes;
}

}  // namespace easel
