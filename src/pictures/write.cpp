#include "pictures/write.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <span>

#include <vips/vips8>

#include "base/error.h"
#include "pictures/parameters.h"
#include "pictures/vips_session.h"
#include "pictures/webp.h"

namespace easel {
namespace {

using vips::VImage;

constexpr int jpeg_quality = 95;
constexpr int webp_quality = 90;
constexpr double pixels_per_millimetre = 72 / 25.4;  // what programs take where nothing is said

VipsBlob* encode(const VImage& image, PictureFormat format) {
    auto* options = VImage::option()->set("strip", true);
    switch (format) {
        case PictureFormat::png:
            return image.pngsave_buffer(options->set("filter", VIPS_FOREIGN_PNG_FILTER_ALL));
        case PictureFormat::jpeg:
            return image.jpegsave_buffer(options->set("Q", jpeg_quality)
                                             ->set("subsample_mode", VIPS_FOREIGN_SUBSAMPLE_OFF)
                                             ->set("optimize_coding", true));
        case PictureFormat::webp:
            return image.webpsave_buffer(options->set("Q", webp_quality)->set("smart_subsample", true));
    }
    std::abort();
}

/// `pixels` is [height, width, bands], of 1 band (grey) or 3.
std::string encode(std::span<const std::uint8_t> pixels, int width, int height, int bands, PictureFormat format) {
    check_fits(format, width, height);
    std::string encoded;
    const VipsSession session;
    try {
        const VImage image =
            VImage::new_from_memory(const_cast<std::uint8_t*>(pixels.data()), pixels.size(), width, height, bands,
                                    VIPS_FORMAT_UCHAR)
                .copy(VImage::option()
                          ->set("interpretation", bands == 1 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB)
                          ->set("xres", pixels_per_millimetre)
                          ->set("yres", pixels_per_millimetre));
        const auto unref = [](VipsBlob* blob) { vips_area_unref(VIPS_AREA(blob)); };
        const std::unique_ptr<VipsBlob, decltype(unref)> blob(encode(image, format), unref);
        std::size_t size = 0;
        const void* bytes = vips_blob_get(blob.get(), &size);
        encoded.assign(static_cast<const char*>(bytes), size);
    } catch (const vips::VError&) {
        fail("a picture of {} x {} pixels cannot be written as {} ({})", width, height, name_of(format),
             session.last_complaint());
    }
    return format == PictureFormat::webp ? bare_webp(encoded) : encoded;  // "strip" leaves an Exif block in WebP
}

bool write(const std::filesystem::path& path, const std::string& encoded, OutputFile::IfExists if_exists) {
    OutputFile file(path, if_exists);
    file.write(encoded);
    return file.commit();
}

/// Pixels a side.
int longest_side(PictureFormat format) {
    switch (format) {
        case PictureFormat::png:
            break;
        case PictureFormat::jpeg:
            return 65500;  // libjpeg's
        case PictureFormat::webp:
            return 16383;
    }
    return std::numeric_limits<int>::max();
}

}  // namespace

void check_fits(PictureFormat format, int width, int height) {
    if (std::max(width, height) > longest_side(format))
        fail("a picture of {} x {} pixels cannot be written as {}, which allows at most {} on a side; write a PNG",
             width, height, name_of(format), longest_side(format));
}

std::string encode_picture(const Picture& picture, PictureFormat format, const std::string& parameters) {
    std::string encoded = encode(picture.pixels, picture.width, picture.height, 3, format);
    if (parameters.empty()) return encoded;
    return with_parameters(std::move(encoded), format, picture.width, picture.height, parameters);
}

std::string encode_mask(const Mask& mask) {
    return encode(mask.pixels, mask.width, mask.height, 1, PictureFormat::png);
}

bool write_picture(const std::filesystem::path& path, const Picture& picture, const std::string& parameters,
                   OutputFile::IfExists if_exists) {
    const PictureFormat format = format_of_path(path);
    check_writable(path, if_exists);
    return write(path, encode_picture(picture, format, parameters), if_exists);
}

void write_mask(const std::filesystem::path& path, const Mask& mask, OutputFile::IfExists if_exists) {
    const PictureFormat format = format_of_path(path);
    check_writable(path, if_exists);
    write(path, encode(mask.pixels, mask.width, mask.height, 1, format), if_exists);
}

}  // namespace easel
