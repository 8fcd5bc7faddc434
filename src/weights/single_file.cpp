#include "base/error.h"
#include "weights/layouts.h"

namespace easel {

Checkpoint open_single_file(const std::filesystem::path& file) {
    const SafetensorsFile opened(file);
    fail("{}: single files are not read yet; give a diffusers folder", file.string());
}

}  // namespace easel
