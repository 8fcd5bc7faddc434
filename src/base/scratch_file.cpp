#include "base/scratch_file.h"

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

namespace easel {
namespace fs = std::filesystem;

std::optional<ScratchFile> ScratchFile::make(std::size_t size) {
    std::error_code failure;
    std::string path = (fs::temp_directory_path(failure) / "easel-XXXXXX").string();
    if (failure) return std::nullopt;
    const int descriptor = ::mkostemp(path.data(), O_CLOEXEC);
    if (descriptor < 0) return std::nullopt;
    ::unlink(path.c_str());
    ScratchFile file(descriptor);
    // Room is taken now: a map of a file that cannot grow ends the program.
    if (::posix_fallocate(descriptor, 0, static_cast<off_t>(size)) != 0) return std::nullopt;
    return file;
}

ScratchFile::~ScratchFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void ScratchFile::write(std::size_t offset, std::span<const std::byte> bytes) const {
    while (!bytes.empty()) {
        const ssize_t written = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail_with_system_error(fs::temp_directory_path(), "a temporary file cannot be written", errno);
        offset += static_cast<std::size_t>(written);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

std::shared_ptr<const MappedFile> ScratchFile::map() const {
    return std::make_shared<const MappedFile>(fs::path("/proc/self/fd") / std::to_string(descriptor_));
}

}  // namespace easel
