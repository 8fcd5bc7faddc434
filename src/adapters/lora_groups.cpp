#include "adapters/lora_groups.h"

#include <utility>

#include "adapters/lora_keys.h"

namespace easel {

LoraGroups grouped(const std::map<std::string, TensorView>& tensors) {
    LoraGroups groups;
    for (const auto& [name, tensor] : tensors) {
        LoraKey key = lora_key(name);
        groups[std::move(key.layer)].emplace(std::move(key.part), tensor);
    }
    return groups;
}

bool is_for_sdxl(const LoraGroups& groups, const std::map<std::string, std::string>& metadata) {
    const auto base = metadata.find("ss_base_model_version");
    if (base != metadata.end() && base->second.find("sdxl") != std::string::npos) return true;
    for (const auto& [layer, parts] : groups)
        if (layer.starts_with("lora_te2_") || layer.starts_with("text_encoder_2.")) return true;
    return false;
}

}  // namespace easel
