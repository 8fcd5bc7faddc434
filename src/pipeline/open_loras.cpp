#include "pipeline/open_loras.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "adapters/lora_hash.h"
#include "base/error.h"

namespace easel {
namespace fs = std::filesystem;

NetworkChanges OpenLoras::open(const std::vector<Lora>& loras, const LayerTable& layers,
                               const std::function<void(const std::string&)>& note) {
    if (!loras.empty() && layers.empty())
        refuse("loras",
               "the weights of this model (OpenVINO IR) cannot be changed; draw with the checkpoint that it was "
               "made from");
    std::vector<Opened> now;
    NetworkChanges changes;
    for (const Lora& asked : loras) {
        std::error_code none;  // open_lora() says what is wrong with a path
        Opened file{
            .lora = nullptr, .written = fs::last_write_time(asked.file, none), .size = fs::file_size(asked.file, none)};
        const auto same = [&](const Opened& other) {
            return other.lora->path == asked.file && other.written == file.written && other.size == file.size;
        };
        const auto find = [&](const std::vector<Opened>& among) {
            const auto found = std::ranges::find_if(among, same);
            if (found != among.end()) file.lora = found->lora;
        };
        find(now);
        if (!file.lora) find(opened_);
        if (!file.lora) {
            file.lora = std::make_shared<const LoraFile>(open_lora(asked.file, layers));
            if (note) note(fmt::format("{}: {}", asked.file.filename().string(), file.lora->description()));
        }
        add_changes(changes, file.lora, asked.weight, asked.text_encoder_weight.value_or(asked.weight));
        now.push_back(std::move(file));
    }
    opened_ = std::move(now);
    return changes;
}

std::vector<NamedHash> hashes_of(const std::vector<Lora>& loras) {
    std::vector<NamedHash> hashes;
    for (const Lora& lora : loras) hashes.push_back({.name = lora.file.stem().string(), .hash = lora_hash(lora.file)});
    return hashes;
}

}  // namespace easel
