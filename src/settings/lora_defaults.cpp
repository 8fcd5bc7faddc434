#include "settings/lora_defaults.h"

#include "base/error.h"
#include "weights/safetensors.h"

namespace easel {
namespace {

/// Names of a LoRA, the file's first.
std::vector<std::string> names_of(const Lora& lora) {
    std::vector<std::string> names = {lora.file.stem().string()};
    try {
        const auto metadata = SafetensorsFile(lora.file).metadata();
        for (const char* key : {"ss_output_name", "modelspec.title"})
            if (const auto title = metadata.find(key); title != metadata.end()) names.push_back(title->second);
    } catch (const Error&) {  // who opens it to merge it says what is wrong
    }
    return names;
}

}  // namespace

std::optional<LoraDefaults> defaults_of(const std::vector<Lora>& loras, Family family) {
    // Less of one is a style and no distillation.
    constexpr double least_weight = 0.3;
    for (const Lora& lora : loras) {
        if (!(lora.weight >= least_weight)) continue;
        for (const std::string& name : names_of(lora))
            if (auto few = few_steps_of(name, family, std::nullopt, false))
                return LoraDefaults{.few_steps = *std::move(few), .lora = lora.file.filename().string()};
    }
    return std::nullopt;
}

}  // namespace easel
