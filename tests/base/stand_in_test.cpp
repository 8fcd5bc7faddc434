#include "base/stand_in.h"

#include <string>

#include <gtest/gtest.h>

#include "base/files.h"
#include "support/files.h"

namespace easel {
namespace {

using testing::expect_says;
using testing::sentence_of;
using testing::TemporaryFolder;
using testing::write_file;

const std::string pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";

TEST(StandIns, AreNamedAsWhatTheyAre) {
    const auto refusal = [](const std::string& text) {
        return sentence_of([&] { refuse_stand_in(text, "/a/model.bin"); });
    };
    expect_says(refusal(pointer), {"/a/model.bin", "git LFS pointer", "git lfs pull"});
    for (const char* page : {"<!DOCTYPE html><html>", "\n <html lang=\"en\">", "\xEF\xBB\xBF<!doctype HTML>",
                             "<!-- 404 --><HTML>", "<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC>"})
        expect_says(refusal(page), {"/a/model.bin", "web page", "download"});
}

TEST(StandIns, AreNotSeenInOtherFiles) {
    for (const char* text : {"", "<", "<?xml version=\"1.0\"?><net name=\"unet\">", "{\"a\": \"<html>\"}", "<!-- ",
                             "<?xml", "version = 1", "<htm"})
        EXPECT_NO_THROW(refuse_stand_in(std::string_view(text), "x")) << text;
}

TEST(StandIns, AreFoundWhereverAFileIsOpened) {
    const TemporaryFolder folder;
    for (const std::string& text : {pointer, std::string("<!DOCTYPE html>")}) {
        write_file(folder / "file", text);
        for (const bool mapped : {true, false}) {
            try {
                mapped ? void(MappedFile(folder / "file")) : void(read_text_file(folder / "file"));
                ADD_FAILURE() << text;
            } catch (const Error& error) {
                EXPECT_EQ(error.kind(), ErrorKind::damaged);
                expect_says(error.what(), {folder.path().string()});
            }
        }
    }
}

}  // namespace
}  // namespace easel
