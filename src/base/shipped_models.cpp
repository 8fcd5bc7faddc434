#include <cstdlib>

#include <dlfcn.h>
#include <link.h>

#include <easel/easel.h>

#include "base/process.h"

namespace easel {
namespace fs = std::filesystem;
namespace {

/// A folder that may hold models/, relative to the file that this code runs from: one of the installed places, or one
/// in the build folder.
struct Place {
    fs::path file;
    const char* share;
};

Place this_place() {
    Dl_info info{};
    link_map* map = nullptr;
    void* const here = reinterpret_cast<void*>(&this_place);
    const bool found = ::dladdr1(here, &info, reinterpret_cast<void**>(&map), RTLD_DL_LINKMAP) != 0;
    // The dynamic linker has no name for the main program.
    if (!found || !map || !*map->l_name) return {executable_path(), EASEL_SHARE_FROM_PROGRAM};
    std::error_code ignored;
    return {fs::canonical(map->l_name, ignored), EASEL_SHARE_FROM_LIBRARY};
}

}  // namespace

std::optional<fs::path> find_shipped_model(std::string_view name) {
    const fs::path inside = fs::path("models") / name;
    if (const char* const home = std::getenv("EASEL_HOME"); home && *home) return home / inside;
    const Place place = this_place();
    for (const char* share : {place.share, "share/easel"}) {
        fs::path model = (place.file.parent_path() / share / inside).lexically_normal();
        std::error_code ignored;
        if (fs::exists(model, ignored)) return model;
    }
    return std::nullopt;
}

}  // namespace easel
