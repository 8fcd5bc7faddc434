#include "html/elements.h"

#include <fmt/format.h>

#include "base/base64.h"
#include "pictures/resize.h"
#include "pictures/write.h"

namespace easel {
namespace {

/// What a page keeps of a picture, so that it stays small enough to open.
constexpr int largest_side = 192;
constexpr int figure_width = 96;

constexpr std::string_view style = R"(
body { font: 16px/1.5 system-ui, sans-serif; color: #222; max-width: 940px; margin: 2em auto; padding: 0 1em; }
h1 { line-height: 1.2; } h2 { margin-top: 2.2em; border-bottom: 1px solid #ccc; }
table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; margin: 1em 0; }
th, td { border: 1px solid #ccc; padding: 3px 9px; text-align: right; } th { background: #f3f3f3; }
td:first-child, .words td, .words th { text-align: left; }
.formula { font: 17px/1.9 Georgia, serif; margin: 0.4em 2em; }
.row { display: flex; flex-wrap: wrap; gap: 8px; align-items: flex-start; margin: 6px 0; }
.row .name { width: 118px; font-size: 14px; font-weight: 600; overflow-wrap: anywhere; }
figure { margin: 0; font-size: 12px; text-align: center; color: #555; width: 96px; }
sub, sup { line-height: 0; }
img { image-rendering: pixelated; display: block; }
svg { font: 11px system-ui, sans-serif; max-width: 100%; } svg .title { font-size: 14px; font-weight: 600; }
.plots { display: flex; flex-wrap: wrap; gap: 12px; }
)";

}  // namespace

std::string_view page_style() { return style; }

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"')
            out += "&quot;";
        else
            out += c;
    }
    return out;
}

std::string image(const Picture& picture, int shown_width, std::string_view description) {
    return fmt::format(R"(<img width="{}" alt="{}" src="data:image/png;base64,{}"/>)", shown_width,
                       escaped(description),
                       base64(encode_picture(thumbnail(picture, largest_side), PictureFormat::png, "")));
}

std::string figure_row(std::string_view name, const std::vector<Figure>& figures) {
    std::string out = R"(<div class="row">)";
    if (!name.empty()) out += fmt::format(R"(<div class="name">{}</div>)", escaped(name));
    for (const Figure& figure : figures)
        out += fmt::format("<figure>{}<figcaption>{}</figcaption></figure>",
                           image(figure.picture, figure_width, fmt::format("{}, {}", name, figure.caption)),
                           escaped(figure.caption));
    return out + "</div>\n";
}

std::string table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows) {
    std::string out = "<table><thead><tr>";
    for (const std::string& cell : head) out += "<th>" + cell + "</th>";
    out += "</tr></thead><tbody>\n";
    for (const auto& row : rows) {
        out += "<tr>";
        for (const std::string& cell : row) out += "<td>" + cell + "</td>";
        out += "</tr>\n";
    }
    return out + "</tbody></table>\n";
}

}  // namespace easel
