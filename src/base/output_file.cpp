#include "base/output_file.h"

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/files.h"
#include "base/output_name.h"

namespace easel {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void fail_as_existing(const fs::path& path) {
    fail(ErrorKind::already_exists, "{}: exists already; give another name, or `overwrite` to replace it",
         path.string());
}

/// Whether there is a file at `target`, which `path` means. Throws Error when it is something else.
bool is_file(const fs::path& path, const fs::path& target) {
    std::error_code error;
    const fs::file_type type = fs::symlink_status(target, error).type();
    if (type == fs::file_type::not_found) return false;
    if (type == fs::file_type::none) fail_with_system_error(path, "cannot be written", error.value());
    if (type == fs::file_type::directory) fail("{}: is a folder; give the name of a file in it", path.string());
    if (type != fs::file_type::regular)
        fail("{}: is {}, and only regular files are replaced; give another name", path.string(), name_of(type));
    return true;
}

bool has_two_names(const fs::path& file) {
    struct stat status {};
    return ::stat(file.c_str(), &status) == 0 && status.st_nlink == 2;
}

}  // namespace

void check_writable(const fs::path& path, OutputFile::IfExists if_exists) {
    const fs::path target = behind_links(path);
    const fs::path folder = folder_of(target);
    std::error_code ignored;
    if (!path_exists(folder))
        fail(ErrorKind::not_found, "{}: the folder {} does not exist; make it first", path.string(), folder.string());
    if (!fs::is_directory(folder, ignored)) fail("{}: {} is a file, not a folder", path.string(), folder.string());
    if (is_file(path, target) && if_exists == OutputFile::IfExists::refuse) fail_as_existing(path);
    if (::access(folder.c_str(), W_OK) != 0)
        fail("{}: the folder {} cannot be written to ({})", path.string(), folder.string(), system_error_text(errno));
}

OutputFile::OutputFile(fs::path path, IfExists if_exists)
    : path_(std::move(path)), target_(behind_links(path_)), if_exists_(if_exists) {
    check_writable(path_, if_exists_);
    temporary_ = make_beside(target_, [this](const fs::path& name) {
        // What the user's mask takes from these rights, the kernel takes.
        descriptor_ = ::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        return descriptor_ >= 0;
    });
}

OutputFile::~OutputFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void OutputFile::write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail_with_system_error(path_, "cannot be written", errno);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

bool OutputFile::commit() {
    if (::fsync(descriptor_) != 0) fail_with_system_error(path_, "cannot be written", errno);
    if (::close(std::exchange(descriptor_, -1)) != 0) fail_with_system_error(path_, "cannot be written", errno);
    if (if_exists_ == IfExists::replace) {
        replace();
        return true;
    }
    const bool is_new = publish_new();
    if (!is_new && if_exists_ == IfExists::refuse) fail_as_existing(path_);
    return is_new;
}

bool OutputFile::publish_new() {
    // link() fails when the name is taken; rename() would replace what came into being meanwhile. A file server that is
    // asked twice may report its own success as EEXIST.
    const bool linked = ::link(temporary_.c_str(), target_.c_str()) == 0;
    const bool is_taken = !linked && errno == EEXIST;
    if (linked || has_two_names(temporary_)) return true;
    if (is_taken) return false;
    // A file system without hard links.
    if (::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, target_.c_str(), RENAME_NOREPLACE) == 0) {
        temporary_.clear();
        return true;
    }
    if (errno == EEXIST || is_file(path_, target_)) return false;
    replace();
    return true;
}

void OutputFile::replace() {
    is_file(path_, target_);  // something else may have come into being meanwhile
    if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail_with_system_error(path_, "cannot be written", errno);
    temporary_.clear();
}

void write_text_file(const fs::path& path, std::string_view text) {
    OutputFile file(path);
    file.write(text);
    file.commit();
}

}  // namespace easel
