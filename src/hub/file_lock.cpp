#include "hub/file_lock.h"

#include <cerrno>
#include <chrono>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/files.h"
#include "hub/retry.h"

namespace easel::hub {
namespace {

constexpr std::chrono::milliseconds between_attempts{100};

/// Whether the open file is still what `path` names: who had the lock may have removed it.
bool is_still(int descriptor, const std::filesystem::path& path) {
    struct stat open_file, named_file;
    return ::fstat(descriptor, &open_file) == 0 && ::stat(path.c_str(), &named_file) == 0 &&
           open_file.st_ino == named_file.st_ino && open_file.st_dev == named_file.st_dev;
}

}  // namespace

std::optional<FileLock> FileLock::try_now(const std::filesystem::path& path) {
    for (;;) {
        const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0664);
        if (descriptor < 0) fail("{}: cannot be created ({})", path.string(), system_error_text(errno));
        FileLock lock(descriptor);
        if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
            if (errno == EWOULDBLOCK) return std::nullopt;
            fail("{}: cannot be locked ({})", path.string(), system_error_text(errno));
        }
        if (is_still(descriptor, path)) return lock;
    }
}

FileLock FileLock::wait(const std::filesystem::path& path, std::stop_token stop, const std::function<void()>& on_wait) {
    for (bool is_first = true;; is_first = false) {
        if (auto lock = try_now(path)) return std::move(*lock);
        if (is_first) on_wait();
        sleep(between_attempts, stop);
    }
}

FileLock::~FileLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

}  // namespace easel::hub
