#include "pictures/composite.h"

#include "base/error.h"

namespace easel {

Picture composite(const Picture& original, const Picture& drawn, const Mask& mask) {
    if (original.width != drawn.width || original.height != drawn.height || original.width != mask.width ||
        original.height != mask.height) {
        fail(
            "pictures of {} x {} and {} x {} pixels and a mask of {} x {} cannot be put together; their sizes must be "
            "equal",
            original.width, original.height, drawn.width, drawn.height, mask.width, mask.height);
    }
    Picture result = original;
    for (std::size_t i = 0; i < result.pixels.size(); ++i) {
        const int share = mask.pixels[i / 3];
        const int sum = original.pixels[i] * (255 - share) + drawn.pixels[i] * share;
        result.pixels[i] = static_cast<std::uint8_t>((sum + 127) / 255);
    }
    return result;
}

}  // namespace easel
