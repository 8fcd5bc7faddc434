#include "collection/control_files.h"

#include <array>
#include <optional>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"
#include "collection/named_files.h"
#include "settings/control_list.h"

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

std::vector<fs::path> control_pictures(const Request& request) {
    std::vector<fs::path> paths;
    for (const Control& control : request.controls)
        if (has_file(control)) paths.push_back(control.file);
    return paths;
}

}  // namespace easel
