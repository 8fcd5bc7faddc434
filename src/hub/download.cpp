#include "hub/download.h"

#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/error.h"
#include "base/files.h"
#include "hub/checksum.h"
#include "hub/size_text.h"

namespace easel::hub {
namespace fs = std::filesystem;
namespace {

constexpr int partial_content = 206, range_not_satisfiable = 416;

/// The growing file of a download.
class PartialFile {
  public:
    explicit PartialFile(fs::path path)
        : path_(std::move(path)), descriptor_(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666)) {
        const off_t end = descriptor_ < 0 ? -1 : ::lseek(descriptor_, 0, SEEK_END);
        if (end < 0) fail_to("opened");
        size_ = static_cast<std::uint64_t>(end);
    }
    ~PartialFile() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    PartialFile(const PartialFile&) = delete;
    PartialFile& operator=(const PartialFile&) = delete;

    std::uint64_t size() const { return size_; }

    void append(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) fail_to("written");
            bytes.remove_prefix(static_cast<std::size_t>(written));
            size_ += static_cast<std::uint64_t>(written);
        }
    }

    void clear() {
        if (::ftruncate(descriptor_, 0) != 0 || ::lseek(descriptor_, 0, SEEK_SET) != 0) fail_to("emptied");
        size_ = 0;
    }

    void flush_to_disk() const {
        if (::fsync(descriptor_) != 0) fail_to("written");
    }

  private:
    [[noreturn]] void fail_to(const char* what) const {
        fail("{}: cannot be {} ({})", path_.string(), what, system_error_text(errno));
    }

    fs::path path_;
    int descriptor_;
    std::uint64_t size_ = 0;
};

/// Asks for the rest once and appends what comes of it.
Reply fetch_rest(HttpClient& client, const Download& download, PartialFile& file,
                 const std::function<void(std::uint64_t)>& progress) {
    const std::uint64_t offset = file.size();
    const auto fail_to_resume = [&] {
        file.clear();
        throw Unavailable("it cannot be resumed and begins anew");
    };
    bool is_begun = false;
    Reply reply = client.download(download.url, offset, [&](const Reply& head, std::string_view bytes) {
        if (!is_begun && head.status != partial_content) file.clear();
        if (!is_begun && head.status == partial_content &&
            !head.header("content-range").starts_with(fmt::format("bytes {}-", offset)))
            fail_to_resume();
        is_begun = true;
        if (bytes.size() > download.size - file.size())
            fail("{}: more data comes than the {} that the hub announced", download.file, size_text(download.size));
        file.append(bytes);
        progress(file.size());
    });
    if (reply.status == range_not_satisfiable) fail_to_resume();
    if (reply.is_success() && file.size() < download.size) throw Unavailable("the connection ended");
    return reply;
}

/// fetch_rest(), with what was downloaded and how much of it in the reason why it broke off.
Reply fetch_or_tell_where(HttpClient& client, const Download& download, PartialFile& file,
                          const std::function<void(std::uint64_t)>& progress) {
    try {
        return fetch_rest(client, download, file, progress);
    } catch (const Unavailable& reason) {
        throw Unavailable(fmt::format("{}: broke off at {} of {}, {}", download.file, size_text(file.size()),
                                      size_text(download.size), reason.what()));
    }
}

void verify(const fs::path& path, const Download& download, std::stop_token stop) {
    if (checksum_of(path, download.checksum, stop) == download.checksum) return;
    std::error_code ignored;
    fs::remove(path, ignored);
    fail("{}: what was downloaded does not have the checksum that the hub reports ({}) and was removed; try again",
         download.file, download.checksum);
}

}  // namespace

std::uint64_t bytes_there(const RepositoryFolder& folder, const std::string& checksum) {
    std::error_code not_there;
    const auto size = fs::file_size(folder.incomplete(checksum), not_there);
    return not_there ? 0 : size;
}

void download_blob(HttpClient& client, const RepositoryFolder& folder, const Download& download, Retries retries,
                   const std::function<void(std::uint64_t)>& progress, const std::function<void(const Reply&)>& check,
                   std::stop_token stop) {
    const fs::path partial = folder.incomplete(download.checksum);
    {
        PartialFile file(partial);
        if (file.size() > download.size) file.clear();
        progress(file.size());
        while (file.size() < download.size) {
            const std::uint64_t before = file.size();
            try {
                check(fetch_or_tell_where(client, download, file, progress));
            } catch (const Unavailable& reason) {
                if (file.size() > before) retries.start_anew();
                retries.wait_after(reason);
            }
        }
        file.flush_to_disk();
    }
    verify(partial, download, stop);
    std::error_code failed;
    fs::rename(partial, folder.blob(download.checksum), failed);
    if (failed) fail("{}: cannot be put in place ({})", folder.blob(download.checksum).string(), failed.message());
}

}  // namespace easel::hub
