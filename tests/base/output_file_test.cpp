#include "base/output_file.h"

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/files.h"
#include "base/output_folder.h"
#include "base/output_name.h"
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

TEST(OutputFiles, AreDroppedForWhatCameIntoBeingMeanwhileIfThatIsKept) {
    const TemporaryFolder folder;
    {
        OutputFile first(folder / "a", IfExists::keep), second(folder / "a", IfExists::keep);
        first.write("first");
        second.write("second");
        EXPECT_TRUE(second.commit());
        EXPECT_FALSE(first.commit());
        EXPECT_FALSE(OutputFile(folder / "a", IfExists::keep).commit());
    }
    EXPECT_EQ(read_file(folder / "a"), "second");
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

TEST(OutputFiles, OnAFullDiskFailWithTheirOwnKind) {
    EXPECT_EQ(system_error_kind(ENOSPC), ErrorKind::no_space);
    EXPECT_EQ(system_error_kind(EDQUOT), ErrorKind::no_space);
    EXPECT_EQ(system_error_kind(ENOENT), ErrorKind::not_found);
    EXPECT_EQ(system_error_kind(EIO), ErrorKind::failed);
}

/// What a file may be named after that is no file. Each has a place in a folder.
struct Special {
    const char* is;
    int (*make)(const fs::path& path);
};

const Special specials[] = {
    {"a pipe", [](const fs::path& path) { return ::mkfifo(path.c_str(), 0600); }},
    // The null device under another name.
    {"a device", [](const fs::path& path) { return ::mknod(path.c_str(), S_IFCHR | 0600, ::makedev(1, 3)); }},
    {"a socket", [](const fs::path& path) { return ::mknod(path.c_str(), S_IFSOCK | 0600, 0); }},
};

TEST(OutputFiles, ReplaceNothingButRegularFiles) {
    for (const Special& special : specials) {
        const TemporaryFolder folder;
        const fs::path path = folder / "special", link = folder / "link";
        if (special.make(path) != 0) continue;  // devices are for root alone to make
        fs::create_symlink("special", link);
        const fs::file_type before = fs::symlink_status(path).type();
        for (const fs::path& name : {path, link})
            for (const IfExists if_exists : {IfExists::refuse, IfExists::replace}) {
                expect_says(sentence_of([&] { check_writable(name, if_exists); }), {special.is, "regular files"});
                expect_says(sentence_of([&] { OutputFile(name, if_exists); }), {special.is, "regular files"});
            }
        EXPECT_EQ(fs::symlink_status(path).type(), before) << special.is;
        EXPECT_EQ(folder.entries(), 2);
    }
}

TEST(OutputFiles, DoNotReplaceWhatBecameAPipeMeanwhile) {
    const TemporaryFolder folder;
    {
        OutputFile file(folder / "a");
        ASSERT_EQ(::mkfifo((folder / "a").c_str(), 0600), 0);
        expect_says(sentence_of([&] { file.commit(); }), {"a pipe"});
    }
    EXPECT_TRUE(fs::is_fifo(folder / "a"));
    EXPECT_EQ(folder.entries(), 1);
}

TEST(OutputFiles, ReplaceTheFileThatALinkMeans) {
    const TemporaryFolder folder;
    write_file(folder / "far/real", "old");
    fs::create_symlink("far/real", folder / "near");
    fs::create_symlink("near", folder / "nearer");
    OutputFile file(folder / "nearer");
    file.write("new");
    file.commit();
    EXPECT_EQ(read_file(folder / "far/real"), "new");
    EXPECT_TRUE(fs::is_symlink(folder / "near"));
    EXPECT_TRUE(fs::is_symlink(folder / "nearer"));
    EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(folder / "far/real")));
}

TEST(OutputFiles, ThroughLinksToNothingOrAFolderAreRefused) {
    const TemporaryFolder folder;
    fs::create_directory(folder / "inside");
    fs::create_symlink("inside", folder / "to-folder");
    fs::create_symlink("nowhere", folder / "to-nothing");
    fs::create_symlink("ring", folder / "ring");
    for (const IfExists if_exists : {IfExists::refuse, IfExists::replace}) {
        expect_says(sentence_of([&] { check_writable(folder / "to-folder", if_exists); }), {"is a folder"});
        expect_says(sentence_of([&] { check_writable(folder / "to-nothing", if_exists); }), {"nowhere", "link"});
        expect_says(sentence_of([&] { check_writable(folder / "ring", if_exists); }), {"ring", "cannot be written"});
    }
}

TEST(OutputFiles, MayHaveNamesAsLongAsTheFileSystemTakes) {
    const TemporaryFolder folder;
    const std::string longest(255, 'n');
    write_text_file(folder / longest, "x");
    EXPECT_EQ(read_file(folder / longest), "x");
    expect_says(sentence_of([&] { check_writable(folder / (longest + "n"), IfExists::replace); }), {"too long"});
}

TEST(Inputs, AreNotWrittenOverUnderAnyName) {
    const TemporaryFolder folder;
    write_file(folder / "photo.png", "photo");
    write_file(folder / "model/unet/weights", "weights");
    fs::create_symlink("photo.png", folder / "link.png");
    fs::create_hard_link(folder / "photo.png", folder / "twin.png");
    const std::vector<Input> inputs{{"mask", ""}, {"model", folder / "model"}, {"init_image", folder / "photo.png"}};
    for (const fs::path& same :
         {folder / "photo.png", folder / "link.png", folder / "twin.png", folder / "model/../photo.png"})
        expect_says(sentence_of([&] { check_apart("output", same, inputs); }),
                    {"`output` " + same.string(), "`init_image`", "another name"});
    expect_says(sentence_of([&] { check_apart("output", folder / "model/unet/weights", inputs); }), {"`model`"});
    EXPECT_NO_THROW(check_apart("output", folder / "new.png", inputs));
    EXPECT_NO_THROW(check_apart("output", folder / "model/new.png", inputs));
}

void accept(const fs::path&) {}

TEST(OutputFolders, AppearWholeWithTheRightsThatTheUsersMaskLeaves) {
    const TemporaryFolder place;
    const mode_t before = ::umask(027);
    OutputFolder folder(place / "new/", IfExists::refuse, accept);
    ::umask(before);
    write_file(folder.temporary() / "a", "x");
    EXPECT_FALSE(fs::exists(place / "new"));
    folder.commit();
    EXPECT_EQ(read_file(place / "new/a"), "x");
    EXPECT_EQ(fs::status(place / "new").permissions(), fs::perms(0750));
    EXPECT_EQ(place.entries(), 1);
}

TEST(OutputFolders, ReplaceTheFolderThatALinkMeansAndNothingElse) {
    const TemporaryFolder place;
    write_file(place / "real/old", "x");
    write_file(place / "file", "x");
    fs::create_symlink("real", place / "link");
    OutputFolder folder(place / "link", IfExists::replace, accept);
    folder.commit();
    EXPECT_TRUE(fs::is_symlink(place / "link"));
    EXPECT_TRUE(fs::is_empty(place / "real"));
    expect_says(sentence_of([&] { OutputFolder(place / "file", IfExists::replace, accept); }),
                {"a file, not a folder"});
    for (const Special& special : specials) {
        fs::remove(place / "special");
        if (special.make(place / "special") != 0) continue;
        expect_says(sentence_of([&] { OutputFolder(place / "special", IfExists::replace, accept); }), {special.is});
    }
}

TEST(OutputFolders, AreCheckedAgainBeforeAnythingIsRemoved) {
    const TemporaryFolder place;
    write_file(place / "model/old", "x");
    const auto check = [](const fs::path& folder) {
        if (fs::exists(folder / "letter")) throw Error(ErrorKind::failed, "holds a letter");
    };
    {
        OutputFolder folder(place / "model", IfExists::replace, check);
        write_file(place / "model/letter", "dear");
        expect_says(sentence_of([&] { folder.commit(); }), {"letter"});
    }
    EXPECT_EQ(read_file(place / "model/letter"), "dear");
    EXPECT_EQ(read_file(place / "model/old"), "x");
    EXPECT_EQ(place.entries(), 1);
}

TEST(OutputFolders, DoNotReplaceWhatCameIntoBeingMeanwhile) {
    const TemporaryFolder place;
    {
        OutputFolder folder(place / "new", IfExists::refuse, accept);
        fs::create_directory(place / "new");
        expect_says(sentence_of([&] { folder.commit(); }), {"cannot be written"});
    }
    EXPECT_EQ(place.entries(), 1);
}

}  // namespace
}  // namespace easel
