#include "server/drawn_size.h"

#include "server/refusal.h"

namespace easel::server {

DrawnSize drawn_size(const Request& request, const ModelInfo& model) {
    const auto& init = request.init_image;
    const DrawnSize size{.width = request.width.value_or(init ? init->width : model.native_width),
                         .height = request.height.value_or(init ? init->height : model.native_height)};
    if (size.width != 0 && size.height != 0) return size;
    Refusal refusal(503, "the model is being loaded; give `width` and `height`, or try again later");
    refusal.retry_after = 5;
    throw refusal;
}

}  // namespace easel::server
