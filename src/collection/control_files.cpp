#include "collection/control_files.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"
#include "base/json.h"
#include "collection/named_files.h"
#include "settings/control_list.h"
#include "text/characters.h"
#include "weights/safetensors.h"

namespace easel {
namespace fs = std::filesystem;
namespace {

constexpr std::array<std::string_view, 1> of_models = {".safetensors"};
constexpr std::array<std::string_view, 4> of_pictures = {".png", ".jpg", ".jpeg", ".webp"};

fs::path found(const fs::path& path, const NamedFolder& folder, const fs::path& beside) {
    if (is_stream(path) || path_exists(path)) return path;
    if (const auto named = find_named(folder, path)) return *named;
    if (!beside.empty() && path.is_relative() && path_exists(beside / path)) return beside / path;
    throw Error(ErrorKind::not_found,
                fmt::format("`controls` {}: there is no such file; {}", path.string(), folder.looked_at()), "controls");
}

/// What cannot be read is none.
bool is_controlnet_folder(const fs::path& path) {
    const fs::path config = path / "config.json";
    if (!path_exists(config)) return false;
    try {
        const nlohmann::json json = parse_json(read_text_file(config), config.string());
        return json.is_object() && json.value("_class_name", nlohmann::json()) == "ControlNetModel";
    } catch (const Error&) {
        return false;
    }
}

bool is_controlnet_file(const fs::path& path) {
    const auto is_of_controlnet = [](const auto& entry) {
        std::string_view name = entry.first;
        constexpr std::string_view prefix = "control_model.";
        if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
        return name.starts_with("input_hint_block.") || name.starts_with("controlnet_cond_embedding.");
    };
    try {
        return std::ranges::any_of(SafetensorsFile(path).tensors(), is_of_controlnet);
    } catch (const Error&) {
        return false;
    }
}

bool is_controlnet(const fs::path& path) {
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) return is_controlnet_folder(path);
    return path.extension() == of_models.front() && !is_controlnet_folder(path.parent_path()) &&
           is_controlnet_file(path);
}

bool has_file(const Control& control) {
    return !control.picture && !control.file.empty() && control.file != inpaint_picture;
}

}  // namespace

void find_controls(Request& request, const fs::path& folder, const fs::path& stored_in) {
    const NamedFolder models{.field = "control_dir", .path = folder, .extensions = of_models};
    const NamedFolder pictures{.field = "control_dir", .path = folder, .extensions = of_pictures};
    const fs::path beside = stored_in.parent_path();
    for (Control& control : request.controls) {
        control.model = found(control.model, models, beside);
        if (has_file(control)) control.file = found(control.file, pictures, beside);
    }
}

std::string controlnet_name(const fs::path& controlnet) {
    std::error_code ignored;
    return (fs::is_directory(controlnet, ignored) ? controlnet.filename() : controlnet.stem()).string();
}

std::vector<fs::path> controlnets_in(const fs::path& folder) {
    std::vector<fs::path> paths = files_in({.field = "control_dir", .path = folder, .extensions = of_models});
    std::set<std::string> names;
    std::erase_if(paths, [&](const fs::path& path) {
        const std::string name = controlnet_name(path);
        return !is_utf8(name) || names.contains(name) || !is_controlnet(path) || !names.insert(name).second;
    });
    return paths;
}

std::optional<fs::path> find_controlnet(const fs::path& folder, const std::string& name) {
    for (const fs::path& path : files_in({.field = "control_dir", .path = folder, .extensions = of_models}))
        if (controlnet_name(path) == name && is_controlnet(path)) return path;
    return std::nullopt;
}

std::vector<fs::path> control_pictures(const Request& request) {
    std::vector<fs::path> paths;
    for (const Control& control : request.controls)
        if (has_file(control)) paths.push_back(control.file);
    return paths;
}

}  // namespace easel
