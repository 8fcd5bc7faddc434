#include "base/output_folder.h"

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

/// Without a "/" at its end.
fs::path without_separator(const fs::path& path) {
    return path.has_filename() || !path.has_parent_path() ? path : path.parent_path();
}

/// A new empty folder beside `path`.
fs::path temporary_beside(const fs::path& path) {
    return make_beside(path, [](const fs::path& name) { return ::mkdir(name.c_str(), 0777) == 0; });
}

}  // namespace

OutputFolder::OutputFolder(const fs::path& path, OutputFile::IfExists if_exists, Check check)
    : path_(behind_links(without_separator(path))), if_exists_(if_exists), check_(std::move(check)) {
    std::error_code ignored;
    const fs::path above = folder_of(path_);
    if (!fs::is_directory(above, ignored))
        fail(ErrorKind::not_found, "{}: the folder {} does not exist; make it first", path_.string(), above.string());
    const fs::file_type type = fs::symlink_status(path_, ignored).type();
    if (type != fs::file_type::not_found) {
        if (if_exists_ == OutputFile::IfExists::refuse)
            fail(ErrorKind::already_exists, "{}: exists already; give another name, or `overwrite` to replace it",
                 path_.string());
        if (type != fs::file_type::directory)
            fail("{}: is {}, not a folder; give the name of a folder", path_.string(), name_of(type));
        check_(path_);
    }
    temporary_ = temporary_beside(path_);
}

OutputFolder::~OutputFolder() {
    std::error_code ignored;
    if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
}

void OutputFolder::commit() {
    if (if_exists_ == OutputFile::IfExists::replace && path_exists(path_)) {
        replace();
    } else if (::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE) != 0) {
        std::error_code error(errno, std::generic_category());
        // A file system that does not know the flag; rename() itself fails where a folder with files has come into
        // being.
        if (errno == EINVAL || errno == ENOSYS) fs::rename(temporary_, path_, error);
        if (error) fail_with_system_error(path_, "cannot be written", error.value());
    }
    temporary_.clear();
}

void OutputFolder::replace() {
    check_(path_);
    std::error_code error, ignored;
    const fs::path replaced = temporary_beside(path_);
    fs::rename(path_, replaced, error);
    if (error) {
        fs::remove(replaced, ignored);
        fail_with_system_error(path_, "cannot be replaced", error.value());
    }
    fs::rename(temporary_, path_, error);
    if (error) {
        fs::rename(replaced, path_, ignored);
        fail_with_system_error(path_, "cannot be written", error.value());
    }
    fs::remove_all(replaced, ignored);
}

}  // namespace easel
