#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>

namespace easel::hub {

/// Holds an flock(2) on a file, which is made when it is not there: the way in which the Python library keeps two
/// processes from the same download, too.
class FileLock {
  public:
    /// Waits until no one else has it; calls `on_wait` once when that is not at once. Throws Error when the file cannot
    /// be made or locked, and Cancelled.
    static FileLock wait(const std::filesystem::path& path, std::stop_token stop, const std::function<void()>& on_wait);
    /// Nothing when someone else has it.
    static std::optional<FileLock> try_now(const std::filesystem::path& path);

    ~FileLock();
    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&&) = delete;

  private:
    explicit FileLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

}  // namespace easel::hub
