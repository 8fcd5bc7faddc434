#include "weights/safetensors.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "weights/crafted.h"

namespace easel {
namespace {

using testing::expect_says;
using testing::raw_safetensors;
using testing::sentence_of;
using testing::TemporaryFolder;
using testing::write_file;

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

SafetensorsContent parse(const std::string& file) { return parse_safetensors(bytes_of(file), "model.safetensors"); }

std::string refusal(const std::string& file) {
    return sentence_of([&] { parse(file); });
}

/// A header entry.
std::string entry(const std::string& name, const std::string& dtype, const std::string& shape,
                  const std::string& offsets) {
    return "\"" + name + R"(":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
}

struct Refused {
    const char* name;
    std::string file;
    std::vector<std::string> says;
};

class Safetensors : public ::testing::TestWithParam<Refused> {};

TEST_P(Safetensors, IsRefusedNamingFileAndCause) {
    const std::string sentence = refusal(GetParam().file);
    expect_says(sentence, {"model.safetensors"});
    expect_says(sentence, GetParam().says);
    EXPECT_EQ(sentence.find('\n'), std::string::npos);
    EXPECT_LT(sentence.size(), 400u);
}

const std::string four_bytes = "\1\2\3\4";

INSTANTIATE_TEST_SUITE_P(
    Hostile, Safetensors,
    ::testing::Values(
        Refused{"Empty", "", {"0 bytes", "cut short"}}, Refused{"SevenBytes", "\1\0\0\0\0\0\0", {"cut short"}},
        Refused{
            "HeaderBeyondTheFile", std::string("\x20\0\0\0\0\0\0\0{}", 10), {"header of 32 bytes", "beyond the end"}},
        Refused{"HeaderOverTheLimit",
                std::string("\xff\xff\xff\xff\xff\xff\xff\xff{}", 10),
                {"18446744073709551615 bytes", "100000000"}},
        Refused{"EmptyHeader", raw_safetensors(""), {"does not begin with {"}},
        Refused{"HeaderThatIsAList", raw_safetensors("[]"), {"does not begin with {"}},
        Refused{"HeaderAfterASpace", raw_safetensors(" {}"), {"does not begin with {"}},
        Refused{"UnfinishedJson", raw_safetensors(R"({"a":{"dtype":"F32")"), {"not valid JSON"}},
        Refused{"WrongJson", raw_safetensors(R"({"a" 1})"), {"not valid JSON", "byte"}},
        Refused{"TextAfterTheJson", raw_safetensors("{}{}"), {"not valid JSON"}},
        Refused{"HeaderThatIsNotUtf8", raw_safetensors("{\"a\xff\":1}"), {"not UTF-8"}},
        Refused{"DeepJson",
                raw_safetensors("{\"a\":" + std::string(50'000, '[') + std::string(50'000, ']') + "}"),
                {"a list", "\"a\""}},
        Refused{
            "DeepObjects", raw_safetensors(std::string(50'000, '{') + std::string(50'000, '}')), {"not valid JSON"}},
        Refused{"DeepMetadata",
                raw_safetensors(R"({"__metadata__":)" + std::string(50'000, '[') + std::string(50'000, ']') + "}"),
                {"a list", "__metadata__"}},
        Refused{"SameTensorTwice",
                raw_safetensors("{" + entry("a", "U8", "[2]", "[0,2]") + "," + entry("a", "U8", "[2]", "[2,4]") + "}",
                                four_bytes),
                {"key \"a\" twice"}},
        Refused{"SameFieldTwice",
                raw_safetensors(R"({"a":{"dtype":"U8","dtype":"U8","shape":[4],"data_offsets":[0,4]}})", four_bytes),
                {"\"dtype\" twice", "\"a\""}},
        Refused{"SameMetadataTwice", raw_safetensors(R"({"__metadata__":{"x":"1","x":"2"}})"), {"\"x\" twice"}},
        Refused{"MetadataTwice", raw_safetensors(R"({"__metadata__":{},"__metadata__":{}})"), {"__metadata__"}},
        Refused{"MetadataThatIsNoText", raw_safetensors(R"({"__metadata__":{"x":1}})"), {"metadata", "\"x\""}},
        Refused{"UnknownField", raw_safetensors(R"({"a":{"strides":[1]}})"), {"\"strides\"", "\"a\""}},
        Refused{"TensorWithoutType",
                raw_safetensors(R"({"a":{"shape":[4],"data_offsets":[0,4]}})", four_bytes),
                {"\"a\" has no dtype"}},
        Refused{"TensorWithoutShape",
                raw_safetensors(R"({"a":{"dtype":"U8","data_offsets":[0,4]}})", four_bytes),
                {"\"a\" has no shape"}},
        Refused{"TensorWithoutOffsets",
                raw_safetensors(R"({"a":{"dtype":"U8","shape":[4]}})", four_bytes),
                {"\"a\" has no data_offsets"}},
        Refused{"UnknownType",
                raw_safetensors("{" + entry("a", "F17", "[4]", "[0,4]") + "}", four_bytes),
                {"\"a\"", "unknown type \"F17\""}},
        Refused{"NegativeSide",
                raw_safetensors("{" + entry("a", "U8", "[-4]", "[0,4]") + "}", four_bytes),
                {"\"a\"", "negative number", "shape"}},
        Refused{"FractionalSide",
                raw_safetensors("{" + entry("a", "U8", "[4.5]", "[0,4]") + "}", four_bytes),
                {"\"a\"", "not whole", "shape"}},
        Refused{"OneOffset",
                raw_safetensors("{" + entry("a", "U8", "[4]", "[0]") + "}", four_bytes),
                {"data_offsets", "\"a\""}},
        Refused{"ThreeOffsets",
                raw_safetensors("{" + entry("a", "U8", "[4]", "[0,4,4]") + "}", four_bytes),
                {"data_offsets", "\"a\"", "too many"}},
        Refused{"OffsetsBackwards",
                raw_safetensors("{" + entry("a", "U8", "[4]", "[4,0]") + "}", four_bytes),
                {"\"a\"", "ends at 0"}},
        Refused{"Overlap",
                raw_safetensors("{" + entry("a", "U8", "[3]", "[0,3]") + "," + entry("b", "U8", "[2]", "[2,4]") + "}",
                                four_bytes),
                {"\"b\" overlaps"}},
        Refused{"Hole",
                raw_safetensors("{" + entry("a", "U8", "[1]", "[0,1]") + "," + entry("b", "U8", "[2]", "[2,4]") + "}",
                                four_bytes),
                {"hole of 1 bytes", "\"b\""}},
        Refused{"HoleAtTheBeginning",
                raw_safetensors("{" + entry("a", "U8", "[3]", "[1,4]") + "}", four_bytes),
                {"hole of 1 bytes", "\"a\""}},
        Refused{"Truncated",
                raw_safetensors("{" + entry("a", "U8", "[8]", "[0,8]") + "}", four_bytes),
                {"cut short", "\"a\"", "4 bytes"}},
        Refused{"TrailingBytes",
                raw_safetensors("{" + entry("a", "U8", "[3]", "[0,3]") + "}", four_bytes),
                {"1 bytes follow the last tensor"}},
        Refused{"TrailingBytesWithoutTensors", raw_safetensors("{}", four_bytes), {"4 bytes follow"}},
        Refused{"ShapeThatDoesNotMatch",
                raw_safetensors("{" + entry("a", "F32", "[2]", "[0,4]") + "}", four_bytes),
                {"\"a\"", "F32", "[2]", "needs 8 bytes", "has 4"}},
        Refused{"OverflowingShape",
                raw_safetensors("{" + entry("a", "U8", "[4294967296,4294967296,4]", "[0,4]") + "}", four_bytes),
                {"\"a\"", "4294967296", "larger than any memory"}},
        Refused{"OverflowThatWouldFit",
                raw_safetensors("{" + entry("a", "F32", "[4611686018427387905]", "[0,4]") + "}", four_bytes),
                {"\"a\"", "larger than any memory"}},
        Refused{"SideBeyondSigned",
                raw_safetensors("{" + entry("a", "U8", "[18446744073709551615,0]", "[0,0]") + "}"),
                {"\"a\"", "18446744073709551615"}},
        Refused{"SideBeyond64Bits",
                raw_safetensors("{" + entry("a", "U8", "[99999999999999999999]", "[0,4]") + "}", four_bytes),
                {"\"a\"", "shape"}},
        Refused{"HalfABytes",
                raw_safetensors("{" + entry("a", "F4", "[7]", "[0,4]") + "}", four_bytes),
                {"\"a\"", "whole bytes"}},
        Refused{
            "EndlessNumber",
            raw_safetensors("{" + entry("a", "U8", "[" + std::string(200'000, '1') + "]", "[0,4]") + "}", four_bytes),
            {"not valid JSON"}},
        Refused{"LongName", raw_safetensors("{\"" + std::string(100'000, 'n') + "\":1}"), {"nnn...", "a number"}},
        Refused{"GitLfsPointer",
                "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
                {"git LFS pointer", "git lfs pull"}},
        Refused{"ZippedPickle", "PK\3\4 archive/data.pkl", {"pickle", "run code", ".safetensors"}},
        Refused{"PlainPickle", "\x80\2}q\1.", {"pickle", "run code", ".safetensors"}},
        Refused{"Gguf", "GGUF\3\0\0\0", {"GGUF", ".safetensors"}},
        Refused{"Png", "\x89PNG\r\n\x1a\n and more", {"is a PNG picture, not a model", ".safetensors", "`init_image`"}},
        Refused{"Jpeg", "\xff\xd8\xff\xe0 and more", {"is a JPEG picture, not a model"}},
        Refused{"WebP", "RIFF....WEBPVP8 ", {"is a WebP picture, not a model"}},
        Refused{"Gif", "GIF89a and more", {"is a GIF picture, not a model", ".safetensors"}},
        Refused{"Gzip", "\x1f\x8b\x08 and more", {"is a gzip archive, not a model", ".safetensors"}},
        Refused{"Pdf", "%PDF-1.4 and more", {"is a PDF document, not a model", ".safetensors"}},
        Refused{"Json", "{\n  \"_class_name\": \"StableDiffusionPipeline\"}", {"is a JSON file", "folder"}},
        Refused{"Xml", "<?xml version=\"1.0\"?>\n<net/>", {"is an XML file", "folder"}}),
    [](const auto& refused) { return refused.param.name; });

TEST(SafetensorsReader, TakesALengthOfTheHeaderForNoFileOfAnotherKind) {
    const std::string tensor = "{" + entry("a", "U8", "[4]", "[0,4]");
    for (const std::size_t length : {0x280u, 0x380u, 0x480u, 0x580u})  // as pickles begin
        EXPECT_EQ(parse(raw_safetensors(tensor + std::string(length - tensor.size() - 1, ' ') + "}", four_bytes))
                      .tensors.size(),
                  1u);
}

TEST(SafetensorsReader, RefusesAShapeOfTooManySides) {
    std::string sides = "1";
    for (int i = 0; i < 100; ++i) sides += ",1";
    expect_says(refusal(raw_safetensors("{" + entry("a", "U8", "[" + sides + "]", "[0,1]") + "}", "x")),
                {"shape", "\"a\"", "too many"});
}

TEST(SafetensorsReader, RefusesAHeaderLongerThanAnyCheckpointHas) {
    expect_says(refusal(raw_safetensors("{" + std::string(15'999'999, ' ') + "}")),
                {"16000001 bytes", "more than 16000000", "metadata"});
}

TEST(SafetensorsReader, RefusesMoreTensorsOrKeysOfMetadataThanAnyCheckpointHas) {
    std::string tensors = entry("0", "U8", "[0]", "[0,0]"), keys = R"("0":"")";
    for (int i = 1; i < 50'000; ++i) {
        tensors += "," + entry(std::to_string(i), "U8", "[0]", "[0,0]");
        keys += ",\"" + std::to_string(i) + "\":\"\"";
    }
    const std::string metadata = R"({"__metadata__":{)";
    EXPECT_EQ(parse(raw_safetensors("{" + tensors + "}")).tensors.size(), 50'000u);
    EXPECT_EQ(parse(raw_safetensors(metadata + keys + "}}")).metadata.size(), 50'000u);
    expect_says(refusal(raw_safetensors("{" + tensors + R"(,"one more":{}})")), {"more than 50000 tensors"});
    expect_says(refusal(raw_safetensors(metadata + keys + R"(,"one more":""}})")), {"more than 50000 keys"});
}

TEST(SafetensorsReader, TakesMetadataOfMegabytes) {
    const std::string picture(5'000'000, 'x');
    const auto content = parse(raw_safetensors(R"({"__metadata__":{"modelspec.thumbnail":")" + picture + R"("}})"));
    EXPECT_EQ(content.metadata.at("modelspec.thumbnail"), picture);
}

TEST(SafetensorsReader, ShowsNoControlCharactersOfAFile) {
    expect_says(refusal(raw_safetensors(R"({"a\u0000\u001b[2J\n":1})")), {R"("a\x00\x1b[2J\x0a")"});
}

TEST(SafetensorsReader, CutsLongNamesInErrorsBetweenCharacters) {
    std::string name;
    for (int i = 0; i < 99; ++i) name += "ü";
    expect_says(refusal(raw_safetensors("{\"a" + name + "\":1}")), {"ü...\""});
}

TEST(SafetensorsReader, GivesViewsOfTheFileItself) {
    const std::string file =
        raw_safetensors("{" + entry("b", "U8", "[1]", "[3,4]") + "," + entry("a", "U8", "[3,1]", "[0,3]") +
                            R"(,"__metadata__":{"format":"pt"}})",
                        four_bytes);
    const SafetensorsContent content = parse(file);
    ASSERT_EQ(content.tensors.size(), 2u);
    const TensorView& a = content.tensors.at("a");
    EXPECT_EQ(a.name, "a");
    EXPECT_EQ(a.dtype, DType::U8);
    EXPECT_EQ(a.shape, (std::vector<std::int64_t>{3, 1}));
    EXPECT_EQ(static_cast<const void*>(a.bytes.data()), file.data() + file.size() - 4);
    EXPECT_EQ(a.bytes.size(), 3u);
    EXPECT_EQ(content.tensors.at("b").bytes[0], std::byte{4});
    EXPECT_EQ(content.metadata.at("format"), "pt");
}

TEST(SafetensorsReader, TakesScalarsEmptyTensorsAndFilesWithoutAny) {
    EXPECT_TRUE(parse(raw_safetensors("{}      ")).tensors.empty());
    const auto content = parse(raw_safetensors(
        "{" + entry("none", "F32", "[0,5]", "[0,0]") + "," + entry("one", "F32", "[]", "[0,4]") + "}", four_bytes));
    EXPECT_EQ(content.tensors.at("none").shape, (std::vector<std::int64_t>{0, 5}));
    EXPECT_TRUE(content.tensors.at("one").shape.empty());
    EXPECT_EQ(content.tensors.at("one").bytes.size(), 4u);
}

TEST(SafetensorsReader, KnowsEveryOfficialType) {
    const std::pair<const char*, std::size_t> bytes_of_eight[] = {
        {"BOOL", 8},    {"F4", 4},          {"F6_E2M3", 6},     {"F6_E3M2", 6}, {"U8", 8},   {"I8", 8},
        {"F8_E5M2", 8}, {"F8_E4M3", 8},     {"F8_E8M0", 8},     {"I16", 16},    {"U16", 16}, {"F16", 16},
        {"BF16", 16},   {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}, {"I32", 32},    {"U32", 32}, {"F32", 32},
        {"C64", 64},    {"F64", 64},        {"I64", 64},        {"U64", 64},
    };
    for (const auto& [dtype, size] : bytes_of_eight) {
        const auto content = parse(raw_safetensors(
            "{" + entry("t", dtype, "[2,4]", "[0," + std::to_string(size) + "]") + "}", std::string(size, '\0')));
        EXPECT_EQ(name(content.tensors.at("t").dtype), dtype);
    }
}

TEST(SafetensorsReader, NamesAMissingFileAndAFolder) {
    const TemporaryFolder folder;
    expect_says(sentence_of([&] { SafetensorsFile(folder / "none.safetensors"); }), {"none.safetensors"});
    expect_says(sentence_of([&] { SafetensorsFile(folder.path()); }), {"is a folder"});
}

TEST(SafetensorsReader, RefusesEveryTruncationOfASoundFile) {
    const std::string file = raw_safetensors(
        "{" + entry("a", "U8", "[3]", "[0,3]") + "," + entry("b", "U8", "[1]", "[3,4]") + "}", four_bytes);
    ASSERT_EQ(parse(file).tensors.size(), 2u);
    for (std::size_t size = 0; size < file.size(); ++size) EXPECT_THROW(parse(file.substr(0, size)), Error) << size;
}

class SafetensorsWriter : public ::testing::Test {
  protected:
    TensorView tensor(const std::string& name, DType dtype, std::vector<std::int64_t> shape, const std::string& data) {
        return {.name = name, .dtype = dtype, .shape = std::move(shape), .bytes = bytes_of(data)};
    }

    TemporaryFolder folder_;
    const std::string three_ = "abc", eight_ = "01234567", four_ = "wxyz";
};

TEST_F(SafetensorsWriter, WritesWhatTheReaderReads) {
    const std::vector<TensorView> tensors = {tensor("bytes", DType::U8, {3}, three_),
                                             tensor("a \"quoted\" ü", DType::F32, {1, 2}, eight_),
                                             tensor("half", DType::BF16, {2}, four_)};
    write_safetensors(folder_ / "x.safetensors", tensors, {{"note", "two\nlines"}});
    const SafetensorsFile file(folder_ / "x.safetensors");
    EXPECT_EQ(file.metadata(), (std::map<std::string, std::string>{{"note", "two\nlines"}}));
    ASSERT_EQ(file.tensors().size(), 3u);
    for (const TensorView& written : tensors) {
        const TensorView& read = file.tensors().at(written.name);
        EXPECT_EQ(read.dtype, written.dtype);
        EXPECT_EQ(read.shape, written.shape);
        EXPECT_TRUE(std::ranges::equal(read.bytes, written.bytes));
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(read.bytes.data()) % (bit_size(read.dtype) / 8), 0u);
    }
    EXPECT_EQ(folder_.entries(), 1);
}

TEST_F(SafetensorsWriter, WritesTheSameBytesWhateverTheOrder) {
    std::vector<TensorView> tensors = {tensor("b", DType::F32, {2}, eight_), tensor("a", DType::F32, {1}, four_),
                                       tensor("c", DType::U8, {3}, three_)};
    write_safetensors(folder_ / "1", tensors);
    std::ranges::reverse(tensors);
    write_safetensors(folder_ / "2", tensors);
    EXPECT_EQ(testing::read_file(folder_ / "1"), testing::read_file(folder_ / "2"));
}

TEST_F(SafetensorsWriter, RefusesWhatNoReaderWouldTake) {
    const auto refusal_of = [&](std::vector<TensorView> tensors) {
        return sentence_of([&] { write_safetensors(folder_ / "x", tensors); });
    };
    expect_says(refusal_of({tensor("a", DType::F32, {2}, four_)}), {"\"a\"", "4 bytes"});
    expect_says(refusal_of({tensor("a", DType::U8, {-4}, four_)}), {"\"a\""});
    expect_says(refusal_of({tensor("a", DType::U8, {4}, four_), tensor("a", DType::U8, {3}, three_)}),
                {"two tensors \"a\""});
    EXPECT_EQ(folder_.entries(), 0);
}

}  // namespace
}  // namespace easel
