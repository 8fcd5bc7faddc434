#include "hub/checksum.h"

#include <gtest/gtest.h>

#include "hub/retry.h"
#include "hub/size_text.h"
#include "support/files.h"

namespace easel::hub {
namespace {

TEST(Checksum, IsSha256OrWhatGitCallsABlob) {
    const testing::TemporaryFolder folder;
    testing::write_file(folder / "hello", "hello\n");
    // `git hash-object` and `sha256sum`
    EXPECT_EQ(checksum_of(folder / "hello", std::string(40, '0'), {}), "ce013625030ba8dba906f756967f9e9ca394464a");
    EXPECT_EQ(checksum_of(folder / "hello", std::string(64, '0'), {}),
              "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03");
    testing::write_file(folder / "empty", "");
    EXPECT_EQ(checksum_of(folder / "empty", std::string(40, '0'), {}), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
}

TEST(Checksum, CanBeStopped) {
    const testing::TemporaryFolder folder;
    testing::write_file(folder / "file", "x");
    std::stop_source stop;
    stop.request_stop();
    EXPECT_THROW(checksum_of(folder / "file", std::string(64, '0'), stop.get_token()), Cancelled);
}

TEST(Checksum, IsLowerCaseDigitsThatMayNameAFile) {
    EXPECT_TRUE(is_checksum(std::string(40, 'a')));
    EXPECT_TRUE(is_checksum(std::string(64, '0')));
    EXPECT_FALSE(is_checksum(std::string(63, '0')));
    EXPECT_FALSE(is_checksum(std::string(64, 'A')));
    EXPECT_FALSE(is_checksum("../../" + std::string(34, 'a')));
    EXPECT_FALSE(is_checksum(""));
}

TEST(SizeText, HasThreeDigits) {
    EXPECT_EQ(size_text(0), "0 bytes");
    EXPECT_EQ(size_text(999), "999 bytes");
    EXPECT_EQ(size_text(1000), "1.00 kB");
    EXPECT_EQ(size_text(9999), "10.0 kB");
    EXPECT_EQ(size_text(999'999), "1.00 MB");
    EXPECT_EQ(size_text(4'265'146'304), "4.27 GB");
    EXPECT_EQ(size_text(18'446'744'073'709'551'615U), "18.4 EB");
}

}  // namespace
}  // namespace easel::hub
