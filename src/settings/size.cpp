#include "settings/size.h"

#include "base/error.h"
#include "settings/table.h"

namespace easel {

void check_side(std::string_view field, int side, int multiple) {
    if (side < multiple || side > largest_side)
        refuse_value(field, side, "give a multiple of {} from {} to {}", multiple, multiple, largest_side);
    if (side % multiple == 0) return;
    const int below = side / multiple * multiple;
    refuse_value(field, side, "the model needs a multiple of {}; the nearest are {} and {}", multiple, below,
                 below + multiple);
}

}  // namespace easel
