#include "collection/lora_files.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "adapters/lora_hash.h"
#include "base/error.h"

namespace easel {
namespace fs = std::filesystem;
namespace {

constexpr std::array<std::string_view, 1> lora_extensions = {".safetensors"};
/// Empty where there is none to be had.
std::string hash_of_lora(const fs::path& file) {
    try {
        return lora_hash(file);
    } catch (const Error&) {
        return "";
    }
}

}  // namespace

NamedFolder lora_folder(const fs::path& path) {
    return {.field = "lora_dir", .path = path, .extensions = lora_extensions};
}

std::optional<Lora> find_lora(const LoraTag& tag, const NamedFolder& folder) {
    const auto found = tag.is_lora() ? find_named(folder, tag.name) : std::nullopt;
    if (!found) return std::nullopt;
    Lora lora = lora_of(tag);
    lora.file = *found;
    return lora;
}

void find_loras(Request& request, const fs::path& path) {
    const NamedFolder folder = lora_folder(path);
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
        if (!tag.is_lora())
            throw Error(ErrorKind::unsupported,
                        fmt::format("`prompt`: <{}:{}> is not supported; easel draws with LoRAs, <lora:NAME:WEIGHT>",
                                    tag.kind, tag.name),
                        "prompt");
        auto lora = find_lora(tag, folder);
        if (!lora)
            throw Error(ErrorKind::not_found,
                        fmt::format("`prompt`: there is no LoRA \"{}\"; {}", tag.name, folder.looked_at()), "prompt");
        request.loras.push_back(*std::move(lora));
    }
}

void find_stored_loras(Request& request, const std::vector<std::string>& hashes, const fs::path& path,
                       const Note& note) {
    const NamedFolder folder = lora_folder(path);
    std::vector<Lora> found;
    for (std::size_t i = 0; i < request.loras.size(); ++i) {
        Lora& lora = request.loras[i];
        auto file = find_named(folder, lora.file.filename());
        if (!file) file = find_by_hash(folder, hashes.at(i), hash_of_lora);
        if (file) {
            const std::string hash = hash_of_lora(*file);
            if (note && !hash.empty() && !hash.starts_with(hashes.at(i)))
                note(fmt::format("{}: is another file than the picture's LoRA of that name", file->string()));
            lora.file = *file;
            found.push_back(std::move(lora));
        } else if (note) {
            note(fmt::format("there is no LoRA \"{}\"; {}; it is left out", lora.file.filename().string(),
                             folder.looked_at()));
        }
    }
    request.loras = std::move(found);
}

}  // namespace easel
