#pragma once

#include <easel/easel.h>

namespace easel::server {

/// In pixels.
struct DrawnSize {
    int width = 0;
    int height = 0;
};

/// What a request is drawn at: its size, else its init picture's, else the model's own. Throws Refusal (503) where that
/// is needed and no model was opened yet.
DrawnSize drawn_size(const Request& request, const ModelInfo& model);

}  // namespace easel::server
