#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include <easel/picture.h>

namespace easel {

/// Receives a sentence about something that was done differently than one may expect.
using Note = std::function<void(const std::string&)>;

/// Reads a file, a pipe, or standard input for "-", of at most 256 MB if it is not a file: a PNG (any depth, palette,
/// transparency), JPEG (RGB, grey, CMYK) or WebP file; its bytes, not its name, say which. The picture comes upright
/// (EXIF orientation), in sRGB (an embedded ICC profile is applied; `note` is called for one that is unusable), and
/// over white where it is transparent. 16-bit values keep their high byte. CMYK without a profile is turned into RGB as
/// (1 - C)(1 - K). Of an animation the first frame is read, and `note` is called. Throws Error when the file cannot be
/// read, is of another kind, is damaged or cut short, or has more than 64 megapixels (which its header says, before
/// anything is decoded).
Picture read_picture(const std::filesystem::path& path, const Note& note = {});

/// The same, turned to grey with the weights of ITU-R 601 (0.299, 0.587, 0.114). Transparent parts are black: what is
/// not painted in a mask is kept.
Mask read_mask(const std::filesystem::path& path, const Note& note = {});

/// read_picture() of a file's bytes; `name` names it in messages.
Picture decode_picture(std::span<const std::byte> bytes, const std::string& name, const Note& note = {});

/// read_mask() of a file's bytes; `name` names it in messages.
Mask decode_mask(std::span<const std::byte> bytes, const std::string& name, const Note& note = {});

/// How opaque a file's picture is, 0 (transparent) to 255; none where it is opaque all over. Throws Error as
/// decode_picture() does.
std::optional<Mask> decode_opacity(std::span<const std::byte> bytes, const std::string& name);

/// The picture in grey, as a mask.
Mask grey_of(const Picture& picture);

}  // namespace easel
