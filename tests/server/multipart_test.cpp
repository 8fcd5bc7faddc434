#include "server/multipart.h"

#include <gtest/gtest.h>

#include "support/files.h"

namespace easel::server {
namespace {

constexpr std::string_view type = "multipart/form-data; boundary=XyZ";

TEST(Form, GivesFieldsAndFilesWithTheirBytes) {
    const std::string body =
        "--XyZ\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\na \"red\"\r\nhouse\r\n"
        "--XyZ\r\ncontent-disposition: form-data; name=\"image[]\"; filename=\"a.png\"\r\nContent-Type: "
        "image/png\r\n\r\n" +
        std::string("\0\r\n--Xy\xff", 9) + "\r\n--XyZ\r\nContent-Disposition: form-data; name=n\r\n\r\n\r\n--XyZ--\r\n";
    const auto fields = parse_form(body, type);
    ASSERT_EQ(fields.size(), 3U);
    EXPECT_EQ(fields[0].name, "prompt");
    EXPECT_EQ(fields[0].content, "a \"red\"\r\nhouse");
    EXPECT_FALSE(fields[0].is_file);
    EXPECT_EQ(fields[1].name, "image[]");
    EXPECT_EQ(fields[1].content, std::string_view("\0\r\n--Xy\xff", 9));
    EXPECT_TRUE(fields[1].is_file);
    EXPECT_EQ(fields[2].name, "n");
    EXPECT_EQ(fields[2].content, "");
}

TEST(Form, TakesAQuotedBoundaryAndAPreamble) {
    const auto fields = parse_form("hello\r\n--a b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n1\r\n--a b--",
                                   "Multipart/Form-Data; charset=utf-8; boundary=\"a b\"");
    ASSERT_EQ(fields.size(), 1U);
    EXPECT_EQ(fields[0].content, "1");
}

TEST(Form, IsRefusedWhenItIsNone) {
    for (const char* other :
         {"application/json", "multipart/form-data", "multipart/form-data; boundary=", "text/plain; boundary=XyZ"})
        testing::expect_says(testing::sentence_of([&] { parse_form("--XyZ--", other); }), {"multipart/form-data"});
}

TEST(Form, IsRefusedWhenItIsCutShort) {
    const std::string whole = "--XyZ\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n1\r\n--XyZ--";
    for (std::size_t size = 0; size + 2 < whole.size(); ++size)
        EXPECT_FALSE(testing::sentence_of([&] { parse_form(whole.substr(0, size), type); }).empty()) << size;
}

TEST(Form, IsRefusedWhenAFieldHasNoNameOrThereAreTooMany) {
    testing::expect_says(testing::sentence_of([] { parse_form("--XyZ\r\nA: b\r\n\r\n1\r\n--XyZ--", type); }),
                         {"no name"});
    std::string many;
    for (int i = 0; i < 65; ++i) many += "--XyZ\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n1\r\n";
    testing::expect_says(testing::sentence_of([&] { parse_form(many + "--XyZ--", type); }), {"more than 64"});
}

}  // namespace
}  // namespace easel::server
