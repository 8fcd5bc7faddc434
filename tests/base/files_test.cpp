#include "base/files.h"

#include <csignal>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/files.h"

namespace easel {
namespace {

namespace fs = std::filesystem;
using testing::expect_says;
using testing::read_file;
using testing::sentence_of;
using testing::TemporaryFolder;
using testing::write_file;
using IfExists = OutputFile::IfExists;

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

TEST(OutputFiles, AppearOnlyWhenTheyAreWhole) {
    const TemporaryFolder folder;
    OutputFile file(folder / "a");
    file.write("one ");
    file.write("two");
    EXPECT_FALSE(fs::exists(folder / "a"));
    file.commit();
    EXPECT_EQ(read_file(folder / "a"), "one two");
    EXPECT_EQ(folder.entries(), 1);
}

TEST(OutputFiles, LeaveNothingWhenTheyAreNotCommitted) {
    const TemporaryFolder folder;
    write_file(folder / "old", "kept");
    {
        OutputFile fresh(folder / "a"), replacing(folder / "old");
        fresh.write("half");
        replacing.write("half");
    }
    EXPECT_EQ(folder.entries(), 1);
    EXPECT_EQ(read_file(folder / "old"), "kept");
}

TEST(OutputFiles, ReplaceWhatIsThereUnlessTheyAreToldToRefuse) {
    const TemporaryFolder folder;
    write_file(folder / "a", "old");
    expect_says(sentence_of([&] { OutputFile(folder / "a", IfExists::refuse); }), {"exists already", "`overwrite`"});
    EXPECT_EQ(read_file(folder / "a"), "old");
    OutputFile file(folder / "a", IfExists::replace);
    file.write("new");
    file.commit();
    EXPECT_EQ(read_file(folder / "a"), "new");
}

TEST(OutputFiles, RefuseAlsoWhatCameIntoBeingMeanwhile) {
    const TemporaryFolder folder;
    {
        OutputFile file(folder / "a", IfExists::refuse);
        file.write("ours");
        write_file(folder / "a", "theirs");
        expect_says(sentence_of([&] { file.commit(); }), {"exists already"});
    }
    EXPECT_EQ(read_file(folder / "a"), "theirs");
    EXPECT_EQ(folder.entries(), 1);
}

TEST(OutputFiles, CommittedWithRefuseLeaveNoTemporaryName) {
    const TemporaryFolder folder;
    {
        OutputFile file(folder / "a", IfExists::refuse);
        file.write("ours");
        file.commit();
    }
    EXPECT_EQ(read_file(folder / "a"), "ours");
    EXPECT_EQ(folder.entries(), 1);
}

TEST(OutputFiles, HaveTheRightsThatTheUsersMaskLeaves) {
    const TemporaryFolder folder;
    const mode_t before = ::umask(027);
    OutputFile file(folder / "a");
    file.commit();
    ::umask(before);
    EXPECT_EQ(fs::status(folder / "a").permissions(), fs::perms(0640));
}

TEST(OutputFiles, MayBeNamedWithoutAFolder) {
    const TemporaryFolder folder;
    const fs::path before = fs::current_path();
    fs::current_path(folder.path());
    OutputFile file("a");
    file.write("here");
    file.commit();
    fs::current_path(before);
    EXPECT_EQ(read_file(folder / "a"), "here");
}

TEST(OutputFiles, ThatCannotBeAreRefusedBeforeAnyWork) {
    const TemporaryFolder folder;
    write_file(folder / "file", "x");
    const struct {
        fs::path path;
        std::vector<std::string> says;
    } cases[] = {
        {folder / "none" / "a", {"does not exist"}},
        {folder / "file" / "a", {"is a file, not a folder"}},
        {folder.path(), {"is a folder"}},
    };
    for (const auto& refused : cases) {
        expect_says(sentence_of([&] { OutputFile{refused.path}; }), refused.says);
        expect_says(sentence_of([&] { check_writable(refused.path, IfExists::replace); }), refused.says);
    }
    expect_says(sentence_of([&] { check_writable(folder / "file", IfExists::refuse); }), {"exists already"});
    EXPECT_NO_THROW(check_writable(folder / "file", IfExists::replace));
    EXPECT_NO_THROW(check_writable(folder / "new", IfExists::refuse));
    EXPECT_EQ(folder.entries(), 1);
}

// A suite of its own: it is skipped where root runs the tests.
TEST(OutputFilesOfOrdinaryUsers, InAFolderWithoutWriteAccessAreRefused) {
    if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
    const TemporaryFolder folder;
    fs::permissions(folder.path(), fs::perms(0500));
    expect_says(sentence_of([&] { OutputFile(folder / "a"); }), {"cannot be written to"});
    fs::permissions(folder.path(), fs::perms(0700));
}

/// Lets no file of this process grow beyond a size, as a full disk would.
class FullDisk {
  public:
    explicit FullDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FullDisk() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }

  private:
    void (*handler_)(int);
    rlimit before_{};
};

TEST(OutputFiles, OnAFullDiskFailAndLeaveNothing) {
    const TemporaryFolder folder;
    write_file(folder / "a", "old");
    std::string sentence;
    {
        const FullDisk full(1000);
        sentence = sentence_of([&] {
            OutputFile file(folder / "a");
            file.write(std::string(10'000, 'x'));
            file.commit();
        });
    }
    expect_says(sentence, {"/a", "cannot be written"});
    EXPECT_EQ(read_file(folder / "a"), "old");
    EXPECT_EQ(folder.entries(), 1);
}

}  // namespace
}  // namespace easel
