#include "train_cli/picture_folder.h"

#include "support/files.h"

namespace easel::train_cli {
namespace {

using testing::sentence_of;
using testing::TemporaryFolder;
using testing::write_file;

const std::string picture = easel::testing::read_file("golden/pictures/grey.png");

TEST(PictureFolder, TakesCaptionsFromTextsBeside) {
    const TemporaryFolder folder;
    write_file(folder / "b.png", picture);
    write_file(folder / "b.txt", "a cat\r\n\n a grey cat\n");
    write_file(folder / "a.JPG", picture);
    write_file(folder / "a.txt", "a dog");
    write_file(folder / "README.md", "no picture");
    const std::vector<PictureFile> files = captioned_pictures(folder.path());
    ASSERT_EQ(files.size(), 2U);
    EXPECT_EQ(files[0].path, folder / "a.JPG");
    EXPECT_EQ(files[1].captions, (std::vector<std::string>{"a cat", " a grey cat"}));
}

TEST(PictureFolder, TakesCaptionsFromItsMetadata) {
    const TemporaryFolder folder;
    write_file(folder / "b.png", picture);
    write_file(folder / "metadata.jsonl",
               "{\"file_name\": \"b.png\", \"text\": \"a cat\"}\n{\"file_name\": \"b.png\", \"text\": \"grey\"}\n");
    const std::vector<PictureFile> files = captioned_pictures(folder.path());
    ASSERT_EQ(files.size(), 1U);
    EXPECT_EQ(files[0].captions, (std::vector<std::string>{"a cat", "grey"}));
}

TEST(PictureFolder, RefusesWhatHasNoCounterpart) {
    const auto sentence = [](const std::vector<std::pair<const char*, std::string>>& files) {
        const TemporaryFolder folder;
        for (const auto& [name, bytes] : files) write_file(folder / name, bytes);
        return sentence_of([&] { captioned_pictures(folder.path()); });
    };
    EXPECT_NE(sentence({}).find("has no pictures"), std::string::npos);
    EXPECT_NE(sentence({{"a.png", picture}}).find("a.png: has no caption"), std::string::npos);
    EXPECT_NE(sentence({{"a.png", picture}, {"a.txt", "\n"}}).find("a.txt: is empty"), std::string::npos);
    EXPECT_NE(sentence({{"a.txt", "a cat"}}).find("a.txt: is a caption without a picture"), std::string::npos);
    EXPECT_NE(sentence({{"metadata.jsonl", "{\"file_name\": \"b.png\", \"text\": \"a\"}"}}).find("there is no picture"),
              std::string::npos);
    EXPECT_NE(sentence({{"metadata.jsonl", "[]"}}).find("metadata.jsonl:1"), std::string::npos);
}

TEST(PictureFolder, LeavesOutBrokenPicturesAndSaysSo) {
    const TemporaryFolder folder;
    write_file(folder / "a.png", picture.substr(0, picture.size() / 2));
    write_file(folder / "b.png", picture);
    const std::vector<PictureFile> files = {{folder / "a.png", {"a"}}, {folder / "b.png", {"b"}}};
    std::vector<std::string> left_out;
    const auto note = [&](const std::string& sentence) { left_out.push_back(sentence); };
    const auto pictures = read_pictures(files, 16, 8, Fit::crop, note);
    ASSERT_EQ(pictures.size(), 1U);
    EXPECT_EQ(pictures[0].pixels.size(), 16U * 8 * 3);
    EXPECT_EQ(pictures[0].captions, std::vector<std::string>{"b"});
    ASSERT_EQ(left_out.size(), 1U);
    EXPECT_NE(left_out[0].find("a.png"), std::string::npos);
    EXPECT_NE(sentence_of([&] { read_pictures({files[0]}, 16, 8, Fit::crop, note); }).find("none of the 1 pictures"),
              std::string::npos);
}

}  // namespace
}  // namespace easel::train_cli
