#pragma once

#include <filesystem>
#include <istream>

namespace easel {

/// The number of processors whose time a process may use by the quotas of its control groups and their parents;
/// infinite without a quota. `root` is where the groups are mounted, /sys/fs/cgroup, and `groups` what
/// /proc/self/cgroup says. Both versions are read: cpu.max (2) and cpu.cfs_quota_us (1). Source: the kernel's
/// cgroups(7).
double control_group_quota(const std::filesystem::path& root, std::istream& groups);

}  // namespace easel
