#include "base/output_folder.h"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

namespace easel {
namespace fs = std::filesystem;
namespace {

/// Without a "/" at its end.
fs::path without_separator(const fs::path& path) {
    return path.has_filename() || !path.has_parent_path() ? path : path.parent_path();
}

fs::path folder_above(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

/// A new empty folder beside `path`.
fs::path temporary_beside(const fs::path& path) {
    std::string name = (folder_above(path) / ("." + path.filename().string() + ".XXXXXX")).string();
    if (!::mkdtemp(name.data())) fail("{}: cannot be created ({})", path.string(), system_error_text(errno));
    return name;
}

}  // namespace

OutputFolder::OutputFolder(const fs::path& path, OutputFile::IfExists if_exists)
    : path_(without_separator(path)), if_exists_(if_exists) {
    std::error_code ignored;
    const fs::path above = folder_above(path_);
    if (!fs::is_directory(above, ignored))
        fail("{}: the folder {} does not exist; make it first", path_.string(), above.string());
    const bool exists = fs::exists(fs::symlink_status(path_, ignored));
    if (exists && if_exists_ == OutputFile::IfExists::refuse)
        fail(ErrorKind::already_exists, "{}: exists already; give another name, or `overwrite` to replace it",
             path_.string());
    if (exists && !fs::is_directory(fs::symlink_status(path_, ignored)))
        fail("{}: is no folder; give the name of a folder", path_.string());
    temporary_ = temporary_beside(path_);
}

OutputFolder::~OutputFolder() {
    std::error_code ignored;
    if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
}

void OutputFolder::commit() {
    const mode_t mask = ::umask(0);
    ::umask(mask);
    ::chmod(temporary_.c_str(), 0777 & ~mask);

    std::error_code error;
    fs::path replaced;
    if (if_exists_ == OutputFile::IfExists::replace && fs::exists(path_)) {
        replaced = temporary_beside(path_);
        fs::rename(path_, replaced, error);
        if (error) fail("{}: cannot be replaced ({})", path_.string(), error.message());
    }
    fs::rename(temporary_, path_, error);  // fails where a folder with files has come into being
    if (error) {
        std::error_code ignored;
        if (!replaced.empty()) fs::rename(replaced, path_, ignored);
        fail("{}: cannot be written ({})", path_.string(), error.message());
    }
    temporary_.clear();
    std::error_code ignored;
    if (!replaced.empty()) fs::remove_all(replaced, ignored);
}

}  // namespace easel
