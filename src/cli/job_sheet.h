#pragma once

#include <filesystem>

#include "cli/job_plan.h"

namespace easel::cli {

/// The file of a job's contact sheet: what --sheet says, else JOB-sheet.png beside the first picture.
std::filesystem::path sheet_path(const RunOptions& run, const JobPlan& plan);

/// Throws Error unless the sheet can be written. One that an earlier run has left is replaced, another picture not.
void check_sheet(const RunOptions& run, const JobPlan& plan);

/// Writes the sheet of all pictures, which lie there, and tells of it; without any font only a note says so.
void write_sheet(const RunOptions& run, const JobPlan& plan, const Callbacks& callbacks);

}  // namespace easel::cli
