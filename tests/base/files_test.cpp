#include "base/files.h"

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "support/files.h"

namespace easel {
namespace {

namespace fs = std::filesystem;
using testing::expect_says;
using testing::sentence_of;
using testing::TemporaryFolder;
using testing::write_file;

std::string text_of(const MappedFile& file) {
    return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

TEST(MappedFiles, HoldTheFilesBytes) {
    const TemporaryFolder folder;
    write_file(folder / "a", std::string("x\0y", 3));
    const MappedFile file(folder / "a");
    EXPECT_EQ(text_of(file), std::string("x\0y", 3));
    EXPECT_EQ(file.path(), folder / "a");
}

TEST(MappedFiles, MayBeEmpty) {
    const TemporaryFolder folder;
    write_file(folder / "a", "");
    EXPECT_TRUE(MappedFile(folder / "a").bytes().empty());
}

TEST(MappedFiles, AreReadAgainAfterTheirPagesWereReleased) {
    const TemporaryFolder folder;
    const std::string content(100'000, 'x');
    write_file(folder / "a", content);
    const MappedFile file(folder / "a");
    EXPECT_EQ(text_of(file), content);
    file.release_pages();
    EXPECT_EQ(text_of(file), content);
}

TEST(MappedFiles, ThatCannotBeAreRefused) {
    const TemporaryFolder folder;
    expect_says(sentence_of([&] { MappedFile(folder / "none"); }), {"none", "cannot be opened"});
    expect_says(sentence_of([&] { MappedFile(folder.path()); }), {folder.path().string(), "is a folder"});
    expect_says(sentence_of([&] { MappedFile("/dev/null"); }), {"/dev/null", "not a regular file"});
}

TEST(TextFiles, AreReadWhole) {
    const TemporaryFolder folder;
    write_file(folder / "a", "one\ntwo");
    EXPECT_EQ(read_text_file(folder / "a"), "one\ntwo");
}

TEST(TextFiles, OverTheLimitOrMissingAreRefused) {
    const TemporaryFolder folder;
    write_file(folder / "a", "12345");
    EXPECT_EQ(read_text_file(folder / "a", 5), "12345");
    expect_says(sentence_of([&] { read_text_file(folder / "a", 4); }), {"5 bytes", "the 4"});
    expect_says(sentence_of([&] { read_text_file(folder / "none"); }), {"none"});
    expect_says(sentence_of([&] { read_text_file(folder.path()); }), {"is a folder"});
}

}  // namespace
}  // namespace easel
