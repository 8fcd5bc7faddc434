#include "explain/html.h"

#include <fmt/format.h>

#include "base/base64.h"
#include "pictures/resize.h"
#include "pictures/write.h"

namespace easel {
namespace {

/// What a page keeps of a picture, so that it stays small enough to open.
constexpr int largest_side = 192;
constexpr int figure_width = 96;

}  // namespace

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
