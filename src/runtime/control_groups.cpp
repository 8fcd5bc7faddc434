#include "runtime/control_groups.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>

namespace easel {
namespace fs = std::filesystem;
namespace {

constexpr double unlimited = std::numeric_limits<double>::infinity();

/// Both in microseconds; what is not limited has a quota of -1, or a word in its place.
double share(double quota, double period) { return quota > 0 && period > 0 ? quota / period : unlimited; }

double quota_of_version_2(const fs::path& group) {
    std::ifstream file(group / "cpu.max");
    double quota = 0, period = 0;
    return file >> quota >> period ? share(quota, period) : unlimited;
}

double quota_of_version_1(const fs::path& group) {
    std::ifstream quota_file(group / "cpu.cfs_quota_us"), period_file(group / "cpu.cfs_period_us");
    double quota = 0, period = 0;
    return quota_file >> quota && period_file >> period ? share(quota, period) : unlimited;
}

/// Of a group and those above it. In a container the path may be the host's, of which only the topmost
/// folder exists.
double tightest(const fs::path& hierarchy, const fs::path& group, double (*quota_of)(const fs::path&)) {
    double least = quota_of(hierarchy);
    for (fs::path below = group.relative_path(); !below.empty(); below = below.parent_path())
        least = std::min(least, quota_of(hierarchy / below));
    return least;
}

bool is_in_list(std::string_view word, const std::string& list) {
    return ("," + list + ",").find("," + std::string(word) + ",") != std::string::npos;
}

}  // namespace

double control_group_quota(const fs::path& root, std::istream& groups) {
    double least = unlimited;
    for (std::string line; std::getline(groups, line);) {  // "number:controllers:/path"
        const auto first = line.find(':'), second = line.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos) continue;
        const std::string controllers = line.substr(first + 1, second - first - 1);
        const fs::path group = line.substr(second + 1);
        if (controllers.empty()) {
            least = std::min(least, tightest(root, group, quota_of_version_2));
        } else if (is_in_list("cpu", controllers)) {
            // Mounted as "cpu,cpuacct", to which "cpu" is a link, or alone.
            least = std::min(least, tightest(root / controllers, group, quota_of_version_1));
        }
    }
    return least;
}

}  // namespace easel
