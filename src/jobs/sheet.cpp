#include "jobs/sheet.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "pictures/contact_sheet.h"
#include "pictures/format.h"
#include "pictures/parameters.h"
#include "pictures/read.h"
#include "pictures/resize.h"
#include "pictures/write.h"

namespace easel::jobs {
namespace fs = std::filesystem;
namespace {

/// Stored in a sheet as its settings text.
constexpr std::string_view sheet_mark = "Contact sheet of an easel job";

bool is_sheet(const fs::path& path) {
    std::error_code ignored;
    if (!fs::exists(path, ignored)) return false;
    try {
        return read_parameters(path).value_or("").starts_with(sheet_mark);
    } catch (const Error&) {  // not a picture
        return false;
    }
}

/// One for each value of the last list if the job is one grid, else so many that the sheet is about square.
std::size_t columns(const Plan& plan) {
    const std::size_t count = plan.pictures.size(), row = plan.asked.back().row;
    const bool is_grid = row > 1 && plan.asked.size() == count && count % row == 0 &&
                         std::ranges::all_of(plan.asked, [&](const JobPicture& asked) { return asked.row == row; });
    return is_grid ? row : static_cast<std::size_t>(std::ceil(std::sqrt(count)));
}

}  // namespace

void check_sheet(const Plan& plan, bool overwrite) {
    const fs::path& path = plan.sheet.value();
    format_of_path(path);
    check_writable(path, overwrite || is_sheet(path) ? OutputFile::IfExists::replace : OutputFile::IfExists::refuse);
    for (const PlannedPicture& picture : plan.pictures)
        if (picture.files.picture.lexically_normal() == path.lexically_normal())
            fail_usage("{}: is the name of a picture and of the contact sheet; give the sheet another with `sheet`",
                       path.string());
}

bool write_sheet(const Plan& plan, const Note& note) {
    if (!can_write_labels()) {
        if (note)
            note("there is no contact sheet, as no font is installed; install one, such as Debian's fonts-dejavu-core");
        return false;
    }
    const int cell = sheet_cell(plan.pictures.size());
    std::vector<SheetEntry> entries;
    for (const PlannedPicture& picture : plan.pictures)
        entries.push_back({thumbnail(read_picture(picture.files.picture), cell),
                           fmt::format("{}", fmt::join(label_of(plan, picture), "\n"))});
    write_picture(plan.sheet.value(), contact_sheet(entries, static_cast<int>(columns(plan))), std::string(sheet_mark),
                  OutputFile::IfExists::replace);
    return true;
}

}  // namespace easel::jobs
