#include "runtime/control_groups.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "support/files.h"

namespace easel {
namespace {

namespace fs = std::filesystem;

void write(const fs::path& path, const std::string& text) {
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
}

double quota(const fs::path& root, const std::string& groups) {
    std::istringstream text(groups);
    return control_group_quota(root, text);
}

TEST(ControlGroups, OfVersion2LimitByTheTightestOfTheGroupsAbove) {
    const testing::TemporaryFolder root;
    write(root / "a/b/cpu.max", "300000 100000\n");
    write(root / "a/cpu.max", "150000 100000\n");
    EXPECT_EQ(quota(root.path(), "0::/a/b\n"), 1.5);
    EXPECT_EQ(quota(root.path(), "0::/a/b/c\n"), 1.5);
    write(root / "a/cpu.max", "max 100000\n");
    EXPECT_EQ(quota(root.path(), "0::/a/b\n"), 3.0);
}

TEST(ControlGroups, OfVersion1LimitByTheHierarchyOfTheProcessors) {
    const testing::TemporaryFolder root;
    write(root / "cpu,cpuacct/a/cpu.cfs_quota_us", "50000\n");
    write(root / "cpu,cpuacct/a/cpu.cfs_period_us", "100000\n");
    EXPECT_EQ(quota(root.path(), "4:memory:/a\n3:cpu,cpuacct:/a\n0::/\n"), 0.5);
    EXPECT_TRUE(std::isinf(quota(root.path(), "3:cpu,cpuacct:/b\n")));
    EXPECT_TRUE(std::isinf(quota(root.path(), "3:cpuset:/a\n")));
    write(root / "cpu,cpuacct/a/cpu.cfs_quota_us", "-1\n");
    EXPECT_TRUE(std::isinf(quota(root.path(), "3:cpu,cpuacct:/a\n")));
}

// In a container the path is that of the host, and what is mounted is the container's own group.
TEST(ControlGroups, WhosePathIsNotThereLimitByTheUppermostOne) {
    const testing::TemporaryFolder root;
    write(root / "cpu/cpu.cfs_quota_us", "200000\n");
    write(root / "cpu/cpu.cfs_period_us", "100000\n");
    EXPECT_EQ(quota(root.path(), "3:cpu:/docker/0123\n"), 2.0);
}

TEST(ControlGroups, ThatSayNothingDoNotLimit) {
    const testing::TemporaryFolder root;
    EXPECT_TRUE(std::isinf(quota(root.path(), "")));
    EXPECT_TRUE(std::isinf(quota(root.path(), "nonsense\n0::/\n:::\n")));
    write(root / "cpu.max", "0 0\n");
    EXPECT_TRUE(std::isinf(quota(root.path(), "0::/\n")));
}

}  // namespace
}  // namespace easel
