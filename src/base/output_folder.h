#pragma once

#include <filesystem>

#include "base/files.h"

namespace easel {

/// A folder that appears under its name only when it is whole: filled under a temporary name beside it, then renamed.
/// Destroyed without commit() it leaves nothing behind.
class OutputFolder {
  public:
    /// Throws Error when the folder above is missing or not writable, when `path` is a file, or, with
    /// IfExists::refuse, when `path` exists.
    explicit OutputFolder(const std::filesystem::path& path, OutputFile::IfExists if_exists);
    ~OutputFolder();
    OutputFolder(const OutputFolder&) = delete;
    OutputFolder& operator=(const OutputFolder&) = delete;

    /// Where to put the files until then.
    const std::filesystem::path& temporary() const { return temporary_; }

    /// Makes the folder appear; what had its name is removed with all that it holds.
    void commit();

  private:
    std::filesystem::path path_, temporary_;
    OutputFile::IfExists if_exists_;
};

}  // namespace easel
