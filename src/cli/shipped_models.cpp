#include "cli/shipped_models.h"

#include <cstdlib>

#include "base/error.h"
#include "base/process.h"

namespace easel::cli {
namespace fs = std::filesystem;

std::optional<fs::path> find_shipped_model(std::string_view name) {
    const fs::path inside = fs::path("models") / name;
    if (const char* const home = std::getenv("EASEL_HOME"); home && *home) return home / inside;
    for (fs::path folder = executable_path().parent_path(); folder.has_relative_path(); folder = folder.parent_path()) {
        std::error_code ignored;
        if (fs::exists(folder / inside, ignored)) return folder / inside;
    }
    return std::nullopt;
}

fs::path person_network(bool landscape) {
    const auto folder = find_shipped_model("selfie_segmentation");
    if (!folder)
        fail(
            "the networks that find a person, models/selfie_segmentation, are not near the program; set EASEL_HOME to "
            "the folder that easel came in");
    return *folder / (landscape ? "selfie_segmentation_landscape.tflite" : "selfie_segmentation.tflite");
}

}  // namespace easel::cli
