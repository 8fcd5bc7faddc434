#include "pictures/read.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <vector>

#include <vips/vips8>

#include "base/error.h"
#include "base/files.h"
#include "pictures/format.h"
#include "pictures/png.h"
#include "pictures/vips_session.h"

namespace easel {
namespace {

using vips::VImage;

constexpr std::int64_t largest_area = 64'000'000;
/// Bytes that are read from a pipe: as many as the largest picture has in 8 bits.
constexpr std::size_t largest_stream = 4 * largest_area;

void check_area(std::int64_t width, std::int64_t height, const std::string& name) {
    if (width > largest_area || height > largest_area || width * height > largest_area) {
        fail(ErrorKind::unsupported,
             "{}: {} x {} pixels are more than the 64 megapixels that can be read; scale the picture down first", name,
             width, height);
    }
}

/// A PNG file's first bytes give the area. libvips would read on to the pixels first.
void check_png_area(std::span<const std::byte> bytes, const std::string& name) {
    const auto number_at = [&](std::size_t at) {
        std::int64_t value = 0;
        for (const std::byte byte : bytes.subspan(at, 4)) value = value << 8 | std::to_integer<int>(byte);
        return value;
    };
    if (bytes.size() >= 24) check_area(number_at(16), number_at(20), name);
}

template <typename... Args>
void report(const Note& note, fmt::format_string<Args...> sentence, Args&&... args) {
    if (note) note(fmt::format(sentence, std::forward<Args>(args)...));
}

/// Opens the picture: its header is read and nothing is decoded.
VImage open_image(std::span<const std::byte> bytes, PictureFormat format) {
    const auto unref = [](VipsBlob* blob) { vips_area_unref(VIPS_AREA(blob)); };
    const std::unique_ptr<VipsBlob, decltype(unref)> blob(vips_blob_new(nullptr, bytes.data(), bytes.size()), unref);
    auto* options = VImage::option()->set("access", VIPS_ACCESS_SEQUENTIAL)->set("fail_on", VIPS_FAIL_ON_ERROR);
    switch (format) {
        case PictureFormat::png:
            return VImage::pngload_buffer(blob.get(), options);
        case PictureFormat::jpeg:
            return VImage::jpegload_buffer(blob.get(), options);
        case PictureFormat::webp:
            return VImage::webpload_buffer(blob.get(), options);
    }
    std::abort();
}

/// The image's values in 8 bits; of 16 bits the high byte.
VImage in_8_bits(const VImage& image) {
    if (image.format() == VIPS_FORMAT_UCHAR) return image;
    const auto meaning = image.bands() < 3 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB;
    return image.cast(VIPS_FORMAT_UCHAR, VImage::option()->set("shift", true))
        .copy(VImage::option()->set("interpretation", meaning));
}

VImage transform_to_srgb(const VImage& image) {
    return image.icc_transform("srgb", VImage::option()
                                           ->set("embedded", true)
                                           ->set("pcs", VIPS_PCS_XYZ)
                                           ->set("intent", VIPS_INTENT_PERCEPTUAL)
                                           ->set("depth", 8));
}

/// Whether an RGB profile is sRGB itself: it moves no colour of an even sample by more than rounding does.
bool is_srgb(const void* profile, std::size_t size) {
    std::vector<std::uint8_t> colours;
    for (int r = 0; r < 256; r += 17) {
        for (int g = 0; g < 256; g += 17) {
            for (int b = 0; b < 256; b += 17) {
                for (const int value : {r, g, b}) colours.push_back(static_cast<std::uint8_t>(value));
            }
        }
    }
    VImage sample = VImage::new_from_memory(colours.data(), colours.size(), static_cast<int>(colours.size() / 3), 1, 3,
                                            VIPS_FORMAT_UCHAR)
                        .copy(VImage::option()->set("interpretation", VIPS_INTERPRETATION_sRGB));
    sample.set(VIPS_META_ICC_NAME, nullptr, const_cast<void*>(profile), size);
    return (transform_to_srgb(sample) - sample).abs().max() <= 1;
}

/// Follows the embedded profile, if there is one. A picture whose profile is sRGB keeps its very values.
VImage in_srgb(const VImage& image, const std::string& name, const Note& note) {
    if (image.get_typeof(VIPS_META_ICC_NAME) == 0) return image;
    std::size_t size = 0;
    const void* profile = image.get_blob(VIPS_META_ICC_NAME, &size);
    try {
        if (vips_icc_is_compatible_profile(image.get_image(), profile, size)) {
            const bool rgb = image.interpretation() == VIPS_INTERPRETATION_sRGB;
            return rgb && is_srgb(profile, size) ? image : transform_to_srgb(image).copy_memory();
        }
    } catch (const vips::VError&) {  // then it is of no use either
    }
    report(note, "{}: the colour profile in it cannot be used and is ignored", name);
    return image;
}

/// libpng silently decodes a PNG picture that lacks its end, and silently drops a colour profile that it finds faulty.
void check_png_chunks(const VImage& image, std::span<const std::byte> bytes, const std::string& name,
                      const Note& note) {
    const auto chunks = png_chunks({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    const auto holds = [&](std::string_view type) {
        return std::any_of(chunks.begin(), chunks.end(), [&](const PngChunk& chunk) { return chunk.type == type; });
    };
    if (!holds("IEND")) fail("{}: the PNG picture is cut short", name);
    if (holds("iCCP") && image.get_typeof(VIPS_META_ICC_NAME) == 0) {
        report(note, "{}: the colour profile in it is damaged and is ignored", name);
    }
}

/// libjpeg goes on after damaged data, leaving grey, and only complains. Bytes too many between segments, which some
/// cameras write, do no harm.
void check_jpeg_complaints(const VipsSession& session, const std::string& name) {
    std::istringstream complaints(session.complaints());
    for (std::string line; std::getline(complaints, line);) {
        const bool damaged = line.find("Corrupt JPEG data") != line.npos || line.find("Premature end") != line.npos;
        if (damaged && line.find("extraneous bytes") == line.npos) {
            fail("{}: the JPEG picture is damaged ({})", name, line);
        }
    }
}

/// Values as a file has them, but in 8 bits, upright and, where a profile says how, in sRGB.
struct Decoded {
    int width, height;
    int bands;  // 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha or CMYK
    bool cmyk;
    std::unique_ptr<void, decltype(&g_free)> values;
};

Decoded decode(std::span<const std::byte> bytes, const std::string& name, const Note& note) {
    const auto format = format_of_bytes(bytes);
    if (!format) fail("{}: is not a PNG, JPEG or WebP picture, the formats that can be read", name);
    if (*format == PictureFormat::png) check_png_area(bytes, name);
    const VipsSession session;
    try {
        VImage image = open_image(bytes, *format);
        check_area(image.width(), image.height(), name);
        if (image.get_typeof("n-pages") != 0 && image.get_int("n-pages") > 1) {
            report(note, "{}: is an animation; its first frame is used", name);
        }
        image = image.copy_memory();
        if (*format == PictureFormat::png) check_png_chunks(image, bytes, name, note);
        if (*format == PictureFormat::jpeg) check_jpeg_complaints(session, name);
        image = in_srgb(in_8_bits(image.autorot()), name, note);
        if (image.bands() > 4) fail("{}: has {} values a pixel, where pictures have up to 4", name, image.bands());
        const bool cmyk = image.bands() == 4 && image.interpretation() == VIPS_INTERPRETATION_CMYK;
        std::size_t size = 0;
        return {image.width(), image.height(), image.bands(), cmyk, {image.write_to_memory(&size), g_free}};
    } catch (const vips::VError&) {
        fail("{}: the {} picture is damaged or cut short ({})", name, name_of(*format), session.last_complaint());
    }
}

/// `value` where `alpha` is 255, `background` where it is 0.
std::uint8_t blend(int value, int alpha, int background) {
    return static_cast<std::uint8_t>((value * alpha + background * (255 - alpha) + 127) / 255);
}

Picture decode_over(std::span<const std::byte> bytes, const std::string& name, const Note& note, int background) {
    const Decoded decoded = decode(bytes, name, note);
    const int bands = decoded.bands;
    const bool alpha = bands == 2 || (bands == 4 && !decoded.cmyk);
    Picture picture{decoded.width, decoded.height, {}};
    const std::size_t count = static_cast<std::size_t>(picture.width) * picture.height;
    picture.pixels.resize(3 * count);
    const auto* in = static_cast<const std::uint8_t*>(decoded.values.get());
    std::uint8_t* out = picture.pixels.data();
    for (std::size_t i = 0; i < count; ++i, in += bands, out += 3) {
        for (int c = 0; c < 3; ++c) {
            const std::uint8_t value = in[bands < 3 ? 0 : c];
            if (decoded.cmyk) {
                out[c] = blend(0, value, 255 - in[3]);
            } else {
                out[c] = alpha ? blend(value, in[bands - 1], background) : value;
            }
        }
    }
    return picture;
}

template <typename Decode>
auto decode_file(const std::filesystem::path& path, const Note& note, Decode decode) {
    if (is_stream(path)) {
        const std::string bytes = read_stream(path, largest_stream);
        return decode(std::as_bytes(std::span(bytes)), path == "-" ? "standard input" : path.string(), note);
    }
    const MappedFile file(path);
    return decode(file.bytes(), path.string(), note);
}

}  // namespace

Mask grey_of(const Picture& picture) {
    Mask mask{picture.width, picture.height, {}};
    mask.pixels.resize(picture.pixels.size() / 3);
    const std::uint8_t* in = picture.pixels.data();
    for (std::uint8_t& value : mask.pixels) {
        // The weights times 2^16; they sum to 2^16, so grey stays as it is.
        value = static_cast<std::uint8_t>((in[0] * 19595 + in[1] * 38470 + in[2] * 7471 + 0x8000) >> 16);
        in += 3;
    }
    return mask;
}

std::optional<Mask> decode_opacity(std::span<const std::byte> bytes, const std::string& name) {
    const Decoded decoded = decode(bytes, name, {});
    if (decoded.cmyk || (decoded.bands != 2 && decoded.bands != 4)) return std::nullopt;
    Mask mask{decoded.width, decoded.height, {}};
    mask.pixels.resize(static_cast<std::size_t>(mask.width) * mask.height);
    const auto* in = static_cast<const std::uint8_t*>(decoded.values.get()) + decoded.bands - 1;
    for (std::uint8_t& value : mask.pixels) {
        value = *in;
        in += decoded.bands;
    }
    const bool opaque = std::ranges::all_of(mask.pixels, [](std::uint8_t value) { return value == 255; });
    return opaque ? std::nullopt : std::optional(std::move(mask));
}

Picture decode_picture(std::span<const std::byte> bytes, const std::string& name, const Note& note) {
    return decode_over(bytes, name, note, 255);
}

Mask decode_mask(std::span<const std::byte> bytes, const std::string& name, const Note& note) {
    return grey_of(decode_over(bytes, name, note, 0));
}

Picture read_picture(const std::filesystem::path& path, const Note& note) {
    return decode_file(path, note, decode_picture);
}

Mask read_mask(const std::filesystem::path& path, const Note& note) { return decode_file(path, note, decode_mask); }

}  // namespace easel
