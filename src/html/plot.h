#pragma once

#include <string>
#include <vector>

namespace easel {

/// A line through points.
struct Curve {
    std::string name;
    std::vector<double> x, y;
};

/// What a plot shows. Curves are coloured in their order.
struct Plot {
    std::string title, x_label;
    /// Whether y is logarithmic; points that are not above 0 are then left out.
    bool logarithmic = false;
    std::vector<Curve> curves;
};

/// The plot with axes and legend as an SVG element to put into a page. Values that are not finite are left out.
std::string svg(const Plot& plot);

}  // namespace easel
