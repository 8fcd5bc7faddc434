#include "pictures/vips_session.h"

#include <set>
#include <string>

#include <gtest/gtest.h>
#include <vips/vips.h>

#include "base/files.h"
#include "pictures/helpers.h"
#include "pictures/read.h"
#include "pictures/write.h"

namespace easel {
namespace {

const std::set<std::string> used = {"pngload_buffer", "jpegload_buffer", "webpload_buffer",
                                    "pngsave_buffer", "jpegsave_buffer", "webpsave_buffer"};

/// The names of all operations of this libvips that read or write files and are not blocked.
std::set<std::string> open_operations() {
    std::set<std::string> names;
    const auto add_if_open = [](GType type, void* into) -> void* {
        if (G_TYPE_IS_ABSTRACT(type)) return nullptr;
        auto* const of_type = static_cast<VipsOperationClass*>(g_type_class_ref(type));
        if ((of_type->flags & VIPS_OPERATION_BLOCKED) == 0) {
            static_cast<std::set<std::string>*>(into)->insert(VIPS_OBJECT_CLASS(of_type)->nickname);
        }
        g_type_class_unref(of_type);
        return nullptr;
    };
    vips_type_map_all(g_type_from_name("VipsForeign"), add_if_open, &names);
    return names;
}

TEST(VipsSession, LeavesOpenWhatReadsAndWritesTheThreeFormatsInMemoryAndNothingElse) {
    const VipsSession session;
    EXPECT_EQ(open_operations(), used);
}

class UsedFormat : public ::testing::TestWithParam<PictureFormat> {};

TEST_P(UsedFormat, IsWrittenAndReadAgain) {
    const Picture grey{16, 8, std::vector<std::uint8_t>(std::size_t{3} * 16 * 8, 128)};
    const std::string encoded = encode_picture(grey, GetParam(), "");
    const Picture decoded = decode_picture(std::as_bytes(std::span(encoded)), "it");
    EXPECT_EQ(decoded.width, 16);
    EXPECT_EQ(decoded.height, 8);
    EXPECT_EQ(decoded.pixels, grey.pixels);
}

INSTANTIATE_TEST_SUITE_P(All, UsedFormat,
                         ::testing::Values(PictureFormat::png, PictureFormat::jpeg, PictureFormat::webp),
                         [](const auto& format) { return std::string(name_of(format.param)); });

struct ForeignFile {
    std::string name;
    std::string bytes;
};

const ForeignFile foreign_files[] = {
    {"Svg", "<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>"},
    {"Pdf", "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"},
    {"Gif", std::string("GIF89a\1\0\1\0\0\0\0;", 14)},
    {"Tiff", std::string("II*\0\x08\0\0\0", 8)},
    {"Openexr", std::string("v/1\1\2\0\0\0", 8)},
    {"Heif", std::string("\0\0\0\x18"
                         "ftypheic\0\0\0\0mif1heic",
                         24)},
    {"Jxl", std::string("\xFF\x0A\0\0", 4)},
    {"Jpeg2000", std::string("\0\0\0\x0CjP  \r\n\x87\n", 12)},
    {"Radiance", "#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\n"},
    {"Ppm", "P6 1 1 255\n..."},
    {"Matrix", "1 1\n0\n"},
    {"Csv", "1,2\n3,4\n"},
    {"Fits", "SIMPLE  =                    T"},
    {"Matlab", "MATLAB 5.0 MAT-file"},
    {"Vips", std::string("\xB6\xA6\xF2\x08\1\0\0\0\1\0\0\0", 12)},
    {"Magick", std::string("BM\x3A\0\0\0\0\0\0\0\x36\0\0\0", 14)},
};

class ForeignFormat : public ::testing::TestWithParam<ForeignFile> {};

TEST_P(ForeignFormat, IsNotOpened) {
    const std::string& bytes = GetParam().bytes;
    EXPECT_THROW(decode_picture(std::as_bytes(std::span(bytes)), "it"), Error);
    const TemporaryFolder folder;
    OutputFile file(folder / "it");
    file.write(bytes);
    file.commit();
    const VipsSession session;
    EXPECT_EQ(vips_image_new_from_buffer(bytes.data(), bytes.size(), "", nullptr), nullptr);
    EXPECT_EQ(vips_image_new_from_file((folder / "it").c_str(), nullptr), nullptr);
}

INSTANTIATE_TEST_SUITE_P(All, ForeignFormat, ::testing::ValuesIn(foreign_files),
                         [](const auto& file) { return file.param.name; });

}  // namespace
}  // namespace easel
