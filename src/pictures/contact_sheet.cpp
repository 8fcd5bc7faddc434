#include "pictures/contact_sheet.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include <vips/vips8>

#include "base/error.h"
#include "pictures/resize.h"
#include "pictures/vips_session.h"

namespace easel {
namespace {

using vips::VImage;

constexpr int margin = 8;
constexpr int widest_cell = 256, narrowest_cell = 32;
constexpr int least_label_width = 112;
constexpr int highest_label = 96;
constexpr double most_pixels = 40e6;
constexpr const char* font = "sans 9";

/// The text as a mask of its ink, lines broken at `width` pixels.
Mask ink_of(const std::string& text, int width) {
    const VipsSession session;
    const std::unique_ptr<char, decltype(&g_free)> escaped(
        g_markup_escape_text(text.data(), static_cast<gssize>(text.size())), g_free);
    try {
        const VImage image =
            VImage::text(escaped.get(), VImage::option()->set("font", font)->set("width", width)->set("dpi", 96));
        std::size_t size = 0;
        const std::unique_ptr<void, decltype(&g_free)> bytes(image.extract_band(0).write_to_memory(&size), g_free);
        const auto* first = static_cast<const std::uint8_t*>(bytes.get());
        return {image.width(), image.height(), {first, first + size}};
    } catch (const vips::VError&) {
        fail("the labels of the contact sheet cannot be written ({})", session.last_complaint());
    }
}

/// Where on the sheet something is put, and how much of it at most.
struct Place {
    int left, top, width, height;
};

void put(const Picture& picture, const Place& place, Picture& sheet) {
    const int width = std::min(picture.width, place.width), height = std::min(picture.height, place.height);
    for (int y = 0; y < height; ++y) {
        const auto from = picture.pixels.begin() + std::ptrdiff_t{3} * y * picture.width;
        const auto to = sheet.pixels.begin() + 3 * (std::ptrdiff_t{sheet.width} * (place.top + y) + place.left);
        std::copy(from, from + std::ptrdiff_t{3} * width, to);
    }
}

Picture black_on_white(const Mask& ink) {
    Picture picture{ink.width, ink.height, {}};
    picture.pixels.reserve(3 * ink.pixels.size());
    for (const std::uint8_t value : ink.pixels)
        picture.pixels.insert(picture.pixels.end(), 3, static_cast<std::uint8_t>(255 - value));
    return picture;
}

}  // namespace

int sheet_cell(std::size_t entries) {
    const double side = std::sqrt(most_pixels / static_cast<double>(entries)) - highest_label - margin;
    return static_cast<int>(std::clamp<double>(side, narrowest_cell, widest_cell));
}

/// Without any font each letter is the same box.
bool can_write_labels() { return ink_of("iiiiii", 1000).width != ink_of("WWWWWW", 1000).width; }

Picture contact_sheet(std::span<const SheetEntry> entries, int columns) {
    const int cell = sheet_cell(entries.size());
    std::vector<Picture> pictures, labels;
    int width = std::min(cell, least_label_width), height = 1, label_height = 1;
    for (const SheetEntry& entry : entries) {
        pictures.push_back(thumbnail(entry.picture, cell));
        width = std::max(width, pictures.back().width);
        height = std::max(height, pictures.back().height);
    }
    for (const SheetEntry& entry : entries) {
        labels.push_back(entry.label.empty() ? Picture{} : black_on_white(ink_of(entry.label, width)));
        label_height = std::max(label_height, std::min(labels.back().height, highest_label));
    }
    columns = std::min(columns, static_cast<int>(entries.size()));
    const int rows = (static_cast<int>(entries.size()) + columns - 1) / columns;
    const int step_x = width + margin, step_y = height + label_height + 2 * margin;
    Picture sheet{margin + columns * step_x, margin + rows * step_y, {}};
    sheet.pixels.assign(std::size_t{3} * sheet.width * sheet.height, 255);
    for (int i = 0; i < static_cast<int>(entries.size()); ++i) {
        const int left = margin + i % columns * step_x, top = margin + i / columns * step_y;
        put(pictures[i], {left, top, width, height}, sheet);
        put(labels[i], {left, top + height + margin / 2, width, label_height}, sheet);
    }
    return sheet;
}

}  // namespace easel
