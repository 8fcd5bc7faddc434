#pragma once

#include <filesystem>
#include <istream>

namespace easel {

/// Processors' worth of time that a process may use by the quotas of its control groups and those above them; infinite
/// without any. `root` is where the groups are mounted, /sys/fs/cgroup, and `groups` what /proc/self/cgroup says.
/// Both versions count: cpu.max (2) and cpu.cfs_quota_us (1). Source: the kernel's cgroups(7).
double control_group_quota(const std::filesystem::path& root, std::istream& groups);

}  // namespace easel
