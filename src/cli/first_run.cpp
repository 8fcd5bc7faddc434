#include "cli/first_run.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

namespace easel::cli {
namespace fs = std::filesystem;
namespace {

/// The file that says that this was told, after the XDG base directory specification.
std::optional<fs::path> mark() {
    if (const char* folder = std::getenv("XDG_STATE_HOME"); folder && *folder)
        return fs::path(folder) / "easel" / "told-of-models";
    if (const char* home = std::getenv("HOME"); home && *home)
        return fs::path(home) / ".local" / "state" / "easel" / "told-of-models";
    return std::nullopt;
}

}  // namespace

void tell_of_models_once(const Callbacks& callbacks) {
    const auto path = mark();
    std::error_code ignored;
    if (!callbacks.note || !path || fs::exists(*path, ignored)) return;
    callbacks.note(
        "this was drawn by the small model that ships, which knows emoji by name; --model takes a checkpoint of Stable "
        "Diffusion 1.x instead: a .safetensors file, a diffusers or OpenVINO folder, or owner/name to download one "
        "from "
        "a Hugging Face hub (said only once)");
    fs::create_directories(path->parent_path(), ignored);
    std::ofstream file(*path);  // where this fails it is told again
}

}  // namespace easel::cli
