#include "base/files.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/stand_in.h"

namespace easel {
namespace fs = std::filesystem;
namespace {

/// Bytes of a stream.
constexpr std::size_t most_at_once = 1 << 16;

/// A descriptor opened for reading that closes itself.
class Descriptor {
  public:
    // O_NONBLOCK: opening a pipe must not wait; a pipe is refused.
    explicit Descriptor(const fs::path& path) : value_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
        if (value_ < 0) fail_with_system_error(path, "cannot be opened", errno);
    }
    explicit Descriptor(int opened) : value_(opened) {}
    ~Descriptor() { ::close(value_); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int value() const { return value_; }

    /// Size of the regular file behind it.
    std::size_t size(const fs::path& path) const {
        struct stat status {};
        if (::fstat(value_, &status) != 0) fail_with_system_error(path, "cannot be read", errno);
        if (S_ISDIR(status.st_mode)) fail("{}: is a folder where a file is expected", path.string());
        if (!S_ISREG(status.st_mode)) fail("{}: is not a regular file", path.string());
        return static_cast<std::size_t>(status.st_size);
    }

  private:
    int value_;
};

}  // namespace

bool is_stream(const fs::path& path) {
    std::error_code ignored;
    return path == "-" || fs::is_fifo(path, ignored);
}

std::string read_stream(const fs::path& path, std::size_t largest) {
    const std::string name = path == "-" ? "standard input" : path.string();
    const int descriptor = path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) fail_with_system_error(name, "cannot be opened", errno);
    const Descriptor stream(descriptor);
    std::string text;
    for (std::size_t done = 0;;) {
        if (text.size() - done < most_at_once) text.resize(std::max(2 * done, most_at_once));
        const ssize_t got = ::read(stream.value(), text.data() + done, text.size() - done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail_with_system_error(name, "cannot be read", errno);
        done += static_cast<std::size_t>(got);
        if (done > largest) fail("{}: has more than the {} bytes that are read", name, largest);
        if (got == 0) {
            text.resize(done);
            return text;
        }
    }
}

bool path_exists(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

std::string system_error_text(int error_number) { return std::generic_category().message(error_number); }

ErrorKind system_error_kind(int error_number) {
    switch (error_number) {
        case ENOENT:
        case ENOTDIR:
            return ErrorKind::not_found;
        case EEXIST:
            return ErrorKind::already_exists;
        case ENOSPC:
        case EDQUOT:
            return ErrorKind::no_space;
        case ENOMEM:
            return ErrorKind::no_memory;
        default:
            return ErrorKind::failed;
    }
}

void fail_with_system_error(const fs::path& path, std::string_view what, int error_number) {
    fail(system_error_kind(error_number), "{}: {} ({})", path.string(), what, system_error_text(error_number));
}

MappedFile::MappedFile(const fs::path& path) : path_(path) {
    const Descriptor file(path);
    size_ = file.size(path);
    if (size_ == 0) return;
    void* mapped = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, file.value(), 0);
    if (mapped == MAP_FAILED) fail_with_system_error(path, "cannot be mapped into memory", errno);
    data_ = static_cast<const std::byte*>(mapped);
    try {
        refuse_stand_in(bytes(), path.string());
    } catch (...) {
        ::munmap(mapped, size_);
        throw;
    }
}

MappedFile::~MappedFile() {
    if (data_) ::munmap(const_cast<std::byte*>(data_), size_);
}

void MappedFile::release_pages() const {
    if (data_) ::madvise(const_cast<std::byte*>(data_), size_, MADV_DONTNEED);
}

std::string read_text_file(const fs::path& path, std::size_t largest) {
    const Descriptor file(path);
    const std::size_t size = file.size(path);
    if (size > largest)
        fail("{}: has {} bytes, more than the {} that such a file may have", path.string(), size, largest);
    std::string text(size, '\0');
    for (std::size_t done = 0; done < size;) {
        const ssize_t got = ::read(file.value(), text.data() + done, size - done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail_with_system_error(path, "cannot be read", errno);
        if (got == 0) {
            text.resize(done);
            break;
        }
        done += static_cast<std::size_t>(got);
    }
    refuse_stand_in(text, path.string());
    return text;
}

}  // namespace easel
