#include "runtime/processors.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <thread>

#ifdef __linux__
#include <sched.h>
#endif

namespace easel {
namespace {

#ifdef __linux__

int allowed_processors() {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (::sched_getaffinity(0, sizeof set, &set) != 0) return std::numeric_limits<int>::max();
    return CPU_COUNT(&set);
}

/// Processors' worth of time that the control group at `folder` may use (cgroup v2's cpu.max: "quota period" or "max").
double quota_at(const std::filesystem::path& folder) {
    std::ifstream file(folder / "cpu.max");
    double quota = 0, period = 0;
    if (!(file >> quota >> period) || quota <= 0 || period <= 0) return std::numeric_limits<double>::infinity();
    return quota / period;
}

/// The tightest quota of this process's control group and those above it.
double quota() {
    const std::filesystem::path root = "/sys/fs/cgroup";
    double tightest = quota_at(root);
    std::ifstream groups("/proc/self/cgroup");
    for (std::string line; std::getline(groups, line);) {
        if (!line.starts_with("0::/")) continue;
        for (std::filesystem::path group = line.substr(4); !group.empty(); group = group.parent_path())
            tightest = std::min(tightest, quota_at(root / group));
    }
    return tightest;
}

#else

int allowed_processors() { return std::numeric_limits<int>::max(); }
double quota() { return std::numeric_limits<double>::infinity(); }

#endif

}  // namespace

int usable_processors() {
    int count = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    count = std::min(count, allowed_processors());
    return std::max(1, static_cast<int>(std::min(static_cast<double>(count), std::ceil(quota()))));
}

}  // namespace easel
