#pragma once

#include <chrono>
#include <filesystem>
#include <span>

namespace easel::jobs {

/// Removes what processes that were killed left of these outputs: files with the temporary names of OutputFile that
/// were last written before `before`, in time since 1970.
void remove_temporaries(std::span<const std::filesystem::path> outputs, std::chrono::nanoseconds before);

}  // namespace easel::jobs
