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

/// Of a Sobel filter: the sum of both directions.
constexpr double greatest_gradient = 2040.0;

}  // namespace

std::span<const Setting<AnnotatorOptions>> annotator_table() {
    static const Setting<AnnotatorOptions> table[] = {
        {{.field = "low",
          .flags = "--low",
          .kind = RealNumber{0.0, greatest_gradient},
          .help = "Of canny: the gradient of what belongs to an edge if a stronger part of it is near"},
         &AnnotatorOptions::low},
        {{.field = "high",
          .flags = "--high",
          .kind = RealNumber{0.0, greatest_gradient},
          .help = "Of canny: the gradient of what certainly belongs to an edge"},
         &AnnotatorOptions::high},
        {{.field = "threshold",
          .flags = "--threshold",
          .kind = RealNumber{1.0, 255.0},
          .help = "Of scribble: the difference above which a stroke is drawn"},
         &AnnotatorOptions::threshold},
        {{.field = "shrink",
          .flags = "--shrink",
          .kind = RealNumber{1.0, 64.0},
          .help = "Of tile: the size in pixels of the smallest details that stay"},
         &AnnotatorOptions::shrink},
        {{.field = "seed", .flags = "--seed", .kind = SeedNumber{}, .help = "Of shuffle: of the order"},
         &AnnotatorOptions::seed},
    };
    return table;
}

std::span<const Annotator> annotators() { return rows; }

const Annotator& annotator(std::string_view name) {
    const auto found = std::ranges::find(rows, name, &Annotator::name);
    if (found != rows.end()) return *found;
    std::vector<std::string_view> names;
    for (const Annotator& row : rows) names.push_back(row.name);
    refuse_value("kind", name, "use one of {}", fmt::join(names, ", "));
}

}  // namespace easel
