#include "jobs/lora_files.h"

#include <array>
#include <optional>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "base/error.h"
#include "jobs/lora_tags.h"
#include "jobs/named_files.h"

namespace easel::jobs {
namespace fs = std::filesystem;
namespace {

constexpr std::array<std::string_view, 1> extensions = {".safetensors"};

}  // namespace

void find_loras(Request& request, const fs::path& path, bool stored, const Note& note) {
    const NamedFolder folder{.field = "lora_dir", .path = path, .extensions = extensions};
    for (Lora& lora : request.loras) {
        std::error_code ignored;
        if (fs::exists(lora.file, ignored)) continue;
        const auto found = find_named(folder, lora.file);
        if (!found)
            throw Error(ErrorKind::not_found,
                        fmt::format("`loras` {}: there is no such file; {}", lora.file.string(), folder.looked_at()),
                        "loras");
        lora.file = *found;
    }
    for (const LoraTag& tag : take_lora_tags(request.prompt)) {
        const bool is_lora = tag.kind == "lora" || tag.kind == "lyco";
        const auto found = is_lora ? find_named(folder, tag.name) : std::nullopt;
        if (found) {
            request.loras.push_back(
                {.file = *found, .weight = tag.weight, .text_encoder_weight = tag.text_encoder_weight});
            continue;
        }
        const std::string sentence =
            is_lora ? fmt::format("there is no LoRA \"{}\"; {}", tag.name, folder.looked_at())
                    : fmt::format("<{}:{}> is not supported; easel draws with LoRAs, <lora:NAME:WEIGHT>", tag.kind,
                                  tag.name);
        if (!stored) throw Error(ErrorKind::not_found, fmt::format("`prompt`: {}", sentence), "prompt");
        if (note) note(fmt::format("the stored prompt: {}; it is left out", sentence));
    }
}

}  // namespace easel::jobs
