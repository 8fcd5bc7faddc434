#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <easel/picture.h>

namespace easel {

// Parts of an HTML page that needs no other file. The output is XML too.

/// Rules for everything below, for a page's <style>.
std::string_view page_style();

/// The text with &, <, >, and quotes as entities.
std::string escaped(std::string_view text);

/// The picture as an <img> element that holds it, as a PNG, shown `shown_width` CSS pixels wide. `description` is for
/// readers who do not see it.
std::string image(const Picture& picture, int shown_width, std::string_view description);

/// A picture over its caption.
struct Figure {
    Picture picture;
    std::string caption;
};

/// Figures side by side, after the name of the row; both are text, not HTML.
std::string figure_row(std::string_view name, const std::vector<Figure>& figures);

/// A table; the cells are HTML.
std::string table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows);

}  // namespace easel
