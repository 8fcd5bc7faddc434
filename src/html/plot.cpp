#include "html/plot.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>

#include <fmt/format.h>

#include "html/elements.h"

namespace easel {
namespace {

constexpr double width = 440, height = 300;
constexpr double left = 58, right = 12, top = 34, bottom = 40;
constexpr double legend_line = 16;
constexpr std::size_t legend_columns = 3;

// Told apart also by those who see few colours (after Okabe & Ito 2008, and two more).
constexpr std::string_view colours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00",
                                        "#56b4e9", "#000000", "#8c6d31", "#7b4fb5", "#999999"};

/// How curve i looks; dashed where the colours have come round.
std::string stroke(std::size_t i) {
    return fmt::format(R"(stroke="{}"{})", colours[i % std::size(colours)],
                       i < std::size(colours) ? "" : R"( stroke-dasharray="5 3")");
}

/// From values to places on the page.
struct Axis {
    double least = 0.0, most = 1.0;
    double begin = 0.0, end = 1.0;
    double operator()(double value) const { return begin + (value - least) / (most - least) * (end - begin); }
};

/// Room for all values; 1 wide where they are all the same.
void widen(Axis& axis) {
    if (!(axis.least <= axis.most)) axis.least = 0.0, axis.most = 1.0;
    if (axis.most - axis.least < 1e-12) axis.least -= 0.5, axis.most += 0.5;
}

/// A step of 1, 2 or 5 times a power of ten that gives some five ticks.
double tick_step(const Axis& axis) {
    const double rough = (axis.most - axis.least) / 5.0;
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    for (const double factor : {1.0, 2.0, 5.0})
        if (rough <= factor * power) return factor * power;
    return 10.0 * power;
}

std::vector<double> ticks(const Axis& axis, double step) {
    std::vector<double> found;
    for (double k = std::ceil(axis.least / step - 1e-9); k * step <= axis.most + 1e-9 * step; ++k)
        found.push_back(k * step + 0.0);  // no -0
    return found;
}

/// What of a value is drawn along y.
double drawn_y(const Plot& plot, double y) {
    if (!plot.logarithmic) return y;
    return y > 0.0 ? std::log10(y) : std::numeric_limits<double>::quiet_NaN();
}

std::string label(double x, double y, std::string_view anchor, std::string_view text) {
    return fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>)", x, y, anchor, escaped(text));
}

std::string grid_line(double x1, double y1, double x2, double y2) {
    return fmt::format(R"(<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" stroke="#ddd"/>)", x1, y1, x2, y2);
}

std::string axes(const Plot& plot, const Axis& x, const Axis& y) {
    std::string out;
    for (const double value : ticks(x, tick_step(x))) {
        out += grid_line(x(value), y.begin, x(value), y.end);
        out += label(x(value), y.begin + 15, "middle", fmt::format("{:g}", value));
    }
    const double step = plot.logarithmic ? std::max(1.0, std::ceil(tick_step(y))) : tick_step(y);
    for (const double value : ticks(y, step)) {
        out += grid_line(x.begin, y(value), x.end, y(value));
        out += label(x.begin - 5, y(value) + 4, "end",
                     fmt::format("{:.4g}", plot.logarithmic ? std::pow(10.0, value) : value));
    }
    out += label((x.begin + x.end) / 2, y.begin + 32, "middle", plot.x_label);
    return out;
}

std::string line(const Plot& plot, const Curve& curve, const Axis& x, const Axis& y, std::size_t i) {
    std::string points;
    for (std::size_t k = 0; k < curve.x.size(); ++k) {
        const double value = drawn_y(plot, curve.y[k]);
        if (std::isfinite(curve.x[k]) && std::isfinite(value))
            points += fmt::format("{:.1f},{:.1f} ", x(curve.x[k]), y(value));
    }
    return fmt::format(R"(<polyline points="{}" fill="none" {} stroke-width="1.6"/>)", points, stroke(i));
}

}  // namespace

std::string svg(const Plot& plot) {
    const std::size_t legend_rows = (plot.curves.size() + legend_columns - 1) / legend_columns;
    const double whole_height = height + static_cast<double>(legend_rows) * legend_line;
    constexpr double infinity = std::numeric_limits<double>::infinity();
    Axis x{infinity, -infinity, left, width - right}, y{infinity, -infinity, height - bottom, top};
    for (const Curve& curve : plot.curves)
        for (std::size_t i = 0; i < curve.x.size(); ++i) {
            const double value = drawn_y(plot, curve.y[i]);
            if (!std::isfinite(curve.x[i]) || !std::isfinite(value)) continue;
            x.least = std::min(x.least, curve.x[i]), x.most = std::max(x.most, curve.x[i]);
            y.least = std::min(y.least, value), y.most = std::max(y.most, value);
        }
    widen(x), widen(y);

    std::string out = fmt::format(R"(<svg viewBox="0 0 {} {}" width="{}" role="img">)", width, whole_height, width);
    out += fmt::format(R"(<title>{}</title>)", escaped(plot.title));
    out += fmt::format(R"(<text x="{}" y="20" class="title">{}</text>)", left, escaped(plot.title));
    out += axes(plot, x, y);
    for (std::size_t i = 0; i < plot.curves.size(); ++i) {
        out += line(plot, plot.curves[i], x, y, i);
        const double legend_x = 10 + static_cast<double>(i % legend_columns) * (width - 10) / legend_columns;
        const std::size_t legend_row = i / legend_columns;
        const double legend_y = height + 6 + static_cast<double>(legend_row) * legend_line;
        out += fmt::format(R"(<path d="M{:.1f} {:.1f}h12" {} stroke-width="4"/>)", legend_x, legend_y - 3, stroke(i));
        out += label(legend_x + 16, legend_y, "start", plot.curves[i].name);
    }
    return out + "</svg>";
}

}  // namespace easel
