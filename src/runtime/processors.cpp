#include "runtime/processors.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <thread>

#ifdef __linux__
#include <sched.h>
#endif

#include "runtime/control_groups.h"

namespace easel {
namespace {

#ifdef __linux__

int allowed_processors() {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (::sched_getaffinity(0, sizeof set, &set) != 0) return std::numeric_limits<int>::max();
    return CPU_COUNT(&set);
}

#else

int allowed_processors() { return std::numeric_limits<int>::max(); }

#endif

double quota() {
    std::ifstream groups("/proc/self/cgroup");
    return control_group_quota("/sys/fs/cgroup", groups);
}

}  // namespace

int usable_processors() {
    int count = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    count = std::min(count, allowed_processors());
    return std::max(1, static_cast<int>(std::min(static_cast<double>(count), std::ceil(quota()))));
}

bool lacks_avx2() {
#ifdef __x86_64__
    return __builtin_cpu_supports("avx2") == 0;
#else
    return false;
#endif
}

}  // namespace easel
