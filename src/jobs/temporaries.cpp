#include "jobs/temporaries.h"

#include <map>
#include <set>
#include <string>
#include <system_error>

#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/output_name.h"

namespace easel::jobs {
namespace fs = std::filesystem;
namespace {

bool is_older(const fs::path& path, std::chrono::nanoseconds time) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
    return std::chrono::seconds(status.st_mtim.tv_sec) + std::chrono::nanoseconds(status.st_mtim.tv_nsec) < time;
}

}  // namespace

void remove_temporaries(std::span<const fs::path> outputs, std::chrono::nanoseconds before) {
    std::map<fs::path, std::set<std::string>> prefixes;
    for (const fs::path& output : outputs)
        if (!output.empty()) prefixes[folder_of(output)].insert(temporary_prefix(output));
    for (const auto& [folder, known] : prefixes) {
        std::error_code error;
        for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
            const auto prefix = prefix_of_temporary(entry->path().filename().string());
            if (prefix && known.contains(*prefix) && is_older(entry->path(), before)) ::unlink(entry->path().c_str());
        }
    }
}

}  // namespace easel::jobs
