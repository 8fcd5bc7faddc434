#include "annotators/annotators.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <fmt/ranges.h>

#include "annotators/canny.h"
#include "annotators/lines.h"
#include "annotators/rearranged.h"
#include "base/error.h"

namespace easel {
namespace {

constexpr std::array rows = {
    Annotator{"canny", "thin edges, as OpenCV finds them", canny},
    Annotator{"lineart", "lines of a drawing, white on black", lineart},
    Annotator{"scribble", "coarse strokes", scribble},
    Annotator{"tile", "the picture without its details", tile},
    Annotator{"shuffle", "its colours in another order", shuffle},
    Annotator{"inpaint", "the picture without the mask's white", without_masked},
};

}  // namespace

std::span<const Annotator> annotators() { return rows; }

const Annotator& annotator(std::string_view name) {
    const auto found = std::ranges::find(rows, name, &Annotator::name);
    if (found != rows.end()) return *found;
    std::vector<std::string_view> names;
    for (const Annotator& row : rows) names.push_back(row.name);
    refuse_value("kind", name, "use one of {}", fmt::join(names, ", "));
}

}  // namespace easel
