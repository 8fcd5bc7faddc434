#include "jobs/lora_files.h"

#include <algorithm>
#include <optional>
#include <system_error>

#include <fmt/format.h>

#include "base/error.h"
#include "jobs/lora_tags.h"

namespace easel::jobs {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view extension = ".safetensors";

/// A file of that name, with or without its extension, in `folder` or below it; the first by its path.
std::optional<fs::path> find_in(const fs::path& folder, const fs::path& name) {
    if (folder.empty() || name.empty() || name.has_parent_path()) return std::nullopt;
    std::optional<fs::path> found;
    std::error_code error;
    for (fs::recursive_directory_iterator file(folder, fs::directory_options::skip_permission_denied, error), end;
         !error && file != end; file.increment(error)) {
        const fs::path& path = file->path();
        const bool fits = path.filename() == name || (path.stem() == name && path.extension() == extension);
        if (fits && (!found || path < *found)) found = path;
    }
    if (error) fail(ErrorKind::not_found, "`lora_dir` {}: {}", folder.string(), error.message());
    return found;
}

std::string looked_at(const fs::path& folder) {
    return folder.empty() ? "name the folder of LoRAs with `lora_dir`"
                          : fmt::format("`lora_dir` is {}", folder.string());
}

}  // namespace

void find_loras(Request& request, const fs::path& folder, bool stored, const Note& note) {
    for (Lora& lora : request.loras) {
        std::error_code ignored;
        if (fs::exists(lora.file, ignored)) continue;
        const auto found = find_in(folder, lora.file);
        if (!found)
            throw Error(ErrorKind::not_found,
                        fmt::format("`loras` {}: there is no such file; {}", lora.file.string(), looked_at(folder)),
                        "loras");
        lora.file = *found;
    }
    for (const LoraTag& tag : take_lora_tags(request.prompt)) {
        const bool is_lora = tag.kind == "lora" || tag.kind == "lyco";
        const auto found = is_lora ? find_in(folder, tag.name) : std::nullopt;
        if (found) {
            request.loras.push_back(
                {.file = *found, .weight = tag.weight, .text_encoder_weight = tag.text_encoder_weight});
            continue;
        }
        const std::string sentence =
            is_lora ? fmt::format("there is no LoRA \"{}\"; {}", tag.name, looked_at(folder))
                    : fmt::format("<{}:{}> is not supported; easel draws with LoRAs, <lora:NAME:WEIGHT>", tag.kind,
                                  tag.name);
        if (!stored) throw Error(ErrorKind::not_found, fmt::format("`prompt`: {}", sentence), "prompt");
        if (note) note(fmt::format("the stored prompt: {}; it is left out", sentence));
    }
}

}  // namespace easel::jobs
