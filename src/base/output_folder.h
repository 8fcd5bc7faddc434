#pragma once

#include <filesystem>
#include <functional>

#include "base/output_file.h"

namespace easel {

/// A folder that appears under its name only when it is whole: filled under a temporary name beside it, then renamed.
/// Destroyed without commit() it leaves nothing behind. Where the name is a symbolic link to a folder, that folder is
/// replaced.
class OutputFolder {
  public:
    /// Throws Error when a folder may not be replaced for what it holds.
    using Check = std::function<void(const std::filesystem::path& folder)>;

    /// Throws Error when the folder above is missing or not writable, when `path` is no folder, with
    /// IfExists::refuse when `path` exists, and with IfExists::replace what `check` throws of the folder that is there.
    explicit OutputFolder(const std::filesystem::path& path, OutputFile::IfExists if_exists, Check check);
    ~OutputFolder();
    OutputFolder(const OutputFolder&) = delete;
    OutputFolder& operator=(const OutputFolder&) = delete;

    /// Where to put the files until then.
    const std::filesystem::path& temporary() const { return temporary_; }

    /// Makes the folder appear. What had its name is checked once more, and removed with all that it holds.
    void commit();

  private:
    void replace();

    std::filesystem::path path_, temporary_;
    OutputFile::IfExists if_exists_;
    Check check_;
};

}  // namespace easel
