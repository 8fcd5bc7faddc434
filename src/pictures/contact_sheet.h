#pragma once

#include <cstddef>
#include <span>
#include <string>

#include <easel/picture.h>

namespace easel {

/// A picture on a contact sheet and its label, in UTF-8.
struct SheetEntry {
    Picture picture;
    std::string label;
};

/// The longest side, in pixels, of a picture on a sheet of that many: at most 256, and less if the sheet would become
/// too large to be written.
int sheet_cell(std::size_t entries);

/// Whether this system has a font to write labels with.
bool can_write_labels();

/// The entries in rows of `columns`, on white, each above its label. Pictures larger than sheet_cell() are scaled down.
/// `columns` is at least 1, and there is at least one entry. Throws Error when the labels cannot be written.
Picture contact_sheet(std::span<const SheetEntry> entries, int columns);

}  // namespace easel
