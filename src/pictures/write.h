#pragma once

#include <filesystem>
#include <string>

#include <easel/picture.h>

#include "base/output_file.h"
#include "pictures/format.h"

namespace easel {

/// The picture as the bytes of a file. PNG is lossless; JPEG has quality 95 and colours at full resolution (4:4:4);
/// WebP is lossy with quality 90. `parameters`, a settings text in UTF-8, is stored as with_parameters() says, unless
/// it is empty. The same picture and text give the same bytes.
/// Throws Error as check_fits() does, and when the text is not UTF-8.
std::string encode_picture(const Picture& picture, PictureFormat format, const std::string& parameters);

/// The mask as a grey PNG.
std::string encode_mask(const Mask& mask);

/// Throws Error when the format cannot hold a picture of this size: WebP ends at 16383 pixels a side, JPEG at 65500.
void check_fits(PictureFormat format, int width, int height);

/// Writes the picture in the format of the name's extension (see format_of_path()); it appears once it is complete.
/// Returns whether it did (see OutputFile::commit()). Throws Error as format_of_path(), encode_picture() and OutputFile
/// do.
bool write_picture(const std::filesystem::path& path, const Picture& picture, const std::string& parameters,
                   OutputFile::IfExists if_exists);

/// Writes the mask as a grey picture, without settings, otherwise as write_picture() does.
void write_mask(const std::filesystem::path& path, const Mask& mask, OutputFile::IfExists if_exists);

}  // namespace easel
