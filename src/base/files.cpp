#include "base/files.h"

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/stand_in.h"

namespace easel {
namespace fs = std::filesystem;
namespace {

/// A descriptor opened for reading that closes itself.
class Descriptor {
  public:
    // O_NONBLOCK: a pipe is to be refused, not waited for.
    explicit Descriptor(const fs::path& path) : value_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
        if (value_ < 0)
            fail(errno == ENOENT || errno == ENOTDIR ? ErrorKind::not_found : ErrorKind::failed,
                 "{}: cannot be opened ({})", path.string(), system_error_text(errno));
    }
    ~Descriptor() { ::close(value_); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int value() const { return value_; }

    /// Size of the regular file behind it.
    std::size_t size(const fs::path& path) const {
        struct stat status {};
        if (::fstat(value_, &status) != 0) fail("{}: cannot be read ({})", path.string(), system_error_text(errno));
        if (S_ISDIR(status.st_mode)) fail("{}: is a folder where a file is expected", path.string());
        if (!S_ISREG(status.st_mode)) fail("{}: is not a regular file", path.string());
        return static_cast<std::size_t>(status.st_size);
    }

  private:
    int value_;
};

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

}  // namespace

std::string system_error_text(int error_number) { return std::generic_category().message(error_number); }

MappedFile::MappedFile(const fs::path& path) : path_(path) {
    const Descriptor file(path);
    size_ = file.size(path);
    if (size_ == 0) return;
    void* mapped = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, file.value(), 0);
    if (mapped == MAP_FAILED) fail("{}: cannot be mapped into memory ({})", path.string(), system_error_text(errno));
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
        if (got < 0) fail("{}: cannot be read ({})", path.string(), system_error_text(errno));
        if (got == 0) {
            text.resize(done);
            break;
        }
        done += static_cast<std::size_t>(got);
    }
    refuse_stand_in(text, path.string());
    return text;
}

void check_writable(const fs::path& path, OutputFile::IfExists if_exists) {
    std::error_code ignored;
    const fs::path folder = folder_of(path);
    if (!fs::exists(folder, ignored))
        fail("{}: the folder {} does not exist; make it first", path.string(), folder.string());
    if (!fs::is_directory(folder, ignored)) fail("{}: {} is a file, not a folder", path.string(), folder.string());
    if (fs::is_directory(path, ignored)) fail("{}: is a folder; give the name of a file in it", path.string());
    if (if_exists == OutputFile::IfExists::refuse && fs::exists(path, ignored))
        fail(ErrorKind::already_exists, "{}: exists already; give another name, or `overwrite` to replace it",
             path.string());
    if (::access(folder.c_str(), W_OK) != 0)
        fail("{}: the folder {} cannot be written to ({})", path.string(), folder.string(), system_error_text(errno));
}

OutputFile::OutputFile(fs::path path, IfExists if_exists) : path_(std::move(path)), if_exists_(if_exists) {
    check_writable(path_, if_exists_);
    std::string name = (folder_of(path_) / ("." + path_.filename().string() + ".XXXXXX")).string();
    descriptor_ = ::mkostemp(name.data(), O_CLOEXEC);
    if (descriptor_ < 0) fail("{}: cannot be created ({})", path_.string(), system_error_text(errno));
    temporary_ = name;
}

OutputFile::~OutputFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void OutputFile::write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail("{}: cannot be written ({})", path_.string(), system_error_text(errno));
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

void OutputFile::commit() {
    const mode_t mask = ::umask(0);
    ::umask(mask);
    ::fchmod(descriptor_, 0666 & ~mask);
    if (::fsync(descriptor_) != 0) fail("{}: cannot be written ({})", path_.string(), system_error_text(errno));
    if (::close(std::exchange(descriptor_, -1)) != 0)
        fail("{}: cannot be written ({})", path_.string(), system_error_text(errno));
    if (if_exists_ == IfExists::refuse) {
        // link() fails where the name is taken; rename() would replace what came into being meanwhile.
        if (::link(temporary_.c_str(), path_.c_str()) == 0) return;
        if (errno == EEXIST)
            fail(ErrorKind::already_exists, "{}: exists already; give another name, or `overwrite` to replace it",
                 path_.string());
        // A file system without hard links: rename is the best there is.
    }
    if (::rename(temporary_.c_str(), path_.c_str()) != 0)
        fail("{}: cannot be written ({})", path_.string(), system_error_text(errno));
    temporary_.clear();
}

}  // namespace easel
