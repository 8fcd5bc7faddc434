#include "base/scratch_file.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include <gtest/gtest.h>

#include "support/files.h"

namespace easel {
namespace {

namespace fs = std::filesystem;

/// Lets temporary files go into another folder.
class Tmpdir {
  public:
    explicit Tmpdir(const fs::path& folder) { ::setenv("TMPDIR", folder.c_str(), 1); }
    ~Tmpdir() { ::unsetenv("TMPDIR"); }
};

TEST(ScratchFile, HoldsWhatIsWrittenAfterItsPagesWereGivenBack) {
    const testing::TemporaryFolder folder;
    const Tmpdir there(folder.path());
    const std::vector<std::byte> first(5000, std::byte{1}), second(3000, std::byte{2});
    std::shared_ptr<const MappedFile> mapped;
    {
        const auto file = ScratchFile::make(8000);
        ASSERT_TRUE(file);
        file->write(5000, second);
        file->write(0, first);
        mapped = file->map();
    }
    mapped->release_pages();
    ASSERT_EQ(mapped->bytes().size(), 8000u);
    EXPECT_TRUE(std::ranges::equal(mapped->bytes().first(5000), first));
    EXPECT_TRUE(std::ranges::equal(mapped->bytes().subspan(5000), second));
    EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(ScratchFile, IsNotMadeWhereThereIsNoRoomOrNoFolder) {
    EXPECT_FALSE(ScratchFile::make(std::size_t{1} << 55));
    const Tmpdir missing("/no/such/folder");
    EXPECT_FALSE(ScratchFile::make(10));
}

}  // namespace
}  // namespace easel
