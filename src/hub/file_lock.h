#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>

namespace easel::hub {

/// Holds an flock(2) on a file, which is created if necessary. The Python library prevents two processes from
/// downloading the same file in the same way.
class FileLock {
  public:
    /// Waits until no one else holds it; calls `on_wait` once if it has to wait. Throws Error if the file cannot be
    /// created or locked, and Cancelled.
    static FileLock wait(const std::filesystem::path& path, std::stop_token stop, const std::function<void()>& on_wait);
    /// None if someone else holds it.
    static std::optional<FileLock> try_now(const std::filesystem::path& path);

    ~FileLock();
    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&&) = delete;

  private:
    explicit FileLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

}  // namespace easel::hub
