#pragma once

#include <filesystem>
#include <functional>

#include "base/output_file.h"

namespace easel {

/// A folder that appears under its name only once it is complete: it is filled under a temporary name next to it, then
/// renamed. If it is destroyed without commit(), nothing is left. If the name is a symbolic link to a folder, that
/// folder is replaced.
class OutputFolder {
  public:
    /// Throws Error if a folder may not be replaced because of what it contains.
    using Check = std::function<void(const std::filesystem::path& folder)>;

    /// Throws Error if the parent folder is missing or not writable, if `path` is not a folder, with IfExists::refuse
    /// if `path` exists, and with IfExists::replace what `check` throws about the existing folder.
    explicit OutputFolder(const std::filesystem::path& path, OutputFile::IfExists if_exists, Check check);
    ~OutputFolder();
    OutputFolder(const OutputFolder&) = delete;
    OutputFolder& operator=(const OutputFolder&) = delete;

    /// Where to put the files before commit().
    const std::filesystem::path& temporary() const { return temporary_; }

    /// Makes the folder appear. What had its name is checked again and removed with all its contents.
    void commit();

  private:
    void replace();

    std::filesystem::path path_, temporary_;
    OutputFile::IfExists if_exists_;
    Check check_;
};

}  // namespace easel
