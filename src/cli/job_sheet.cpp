#include "cli/job_sheet.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/console.h"
#include "cli/job_labels.h"
#include "pictures/contact_sheet.h"
#include "pictures/format.h"
#include "pictures/parameters.h"
#include "pictures/read.h"
#include "pictures/resize.h"
#include "pictures/write.h"

namespace easel::cli {
namespace fs = std::filesystem;
namespace {

/// Stored in a sheet as its settings text.
constexpr std::string_view sheet_mark = "Contact sheet of an easel job";

bool is_sheet(const fs::path& path) {
    std::error_code ignored;
    if (!fs::exists(path, ignored)) return false;
    try {
        return read_parameters(path).value_or("").starts_with(sheet_mark);
    } catch (const Error&) {  // no picture at all
        return false;
    }
}

/// As many as the last list has values where the job is one grid, else so many that the sheet is about square.
std::size_t columns(const JobPlan& plan) {
    const std::size_t count = plan.pictures.size(), row = plan.asked.back().row;
    const bool is_grid = row > 1 && plan.asked.size() == count && count % row == 0 &&
                         std::ranges::all_of(plan.asked, [&](const JobPicture& asked) { return asked.row == row; });
    return is_grid ? row : static_cast<std::size_t>(std::ceil(std::sqrt(count)));
}

}  // namespace

fs::path sheet_path(const RunOptions& run, const JobPlan& plan) {
    if (!run.sheet.empty()) return run.sheet;
    return plan.pictures.front().path().parent_path() / (fs::path(run.job).stem().string() + "-sheet.png");
}

void check_sheet(const RunOptions& run, const JobPlan& plan) {
    const fs::path path = sheet_path(run, plan);
    format_of_path(path);
    check_writable(path,
                   run.overwrite || is_sheet(path) ? OutputFile::IfExists::replace : OutputFile::IfExists::refuse);
    for (const PlannedPicture& picture : plan.pictures)
        if (picture.path().lexically_normal() == path.lexically_normal())
            fail_usage("{}: is the name of a picture and of the contact sheet; give another with --sheet",
                       path.string());
}

void write_sheet(const RunOptions& run, const JobPlan& plan, const Callbacks& callbacks) {
    if (!can_write_labels()) {
        if (callbacks.note)
            callbacks.note("there is no contact sheet, as no font is installed; Debian's fonts-dejavu-core is one");
        return;
    }
    const JobLabels labels(plan);
    const int cell = sheet_cell(plan.pictures.size());
    std::vector<SheetEntry> entries;
    for (const PlannedPicture& picture : plan.pictures)
        entries.push_back(
            {thumbnail(read_picture(picture.path()), cell), fmt::format("{}", fmt::join(labels.of(picture), "\n"))});
    const fs::path path = sheet_path(run, plan);
    write_picture(path, contact_sheet(entries, static_cast<int>(columns(plan))), std::string(sheet_mark),
                  OutputFile::IfExists::replace);
    if (run.json)
        print_json({{"event", "sheet"}, {"path", path.string()}});
    else if (!run.quiet)
        give("{} (contact sheet)\n", path.string());
}

}  // namespace easel::cli
