#pragma once

#include "jobs/plan.h"
#include "pictures/read.h"

namespace easel::jobs {

/// Throws Error unless the plan's contact sheet can be written. A sheet of an earlier run is replaced, another picture
/// only with `overwrite`.
void check_sheet(const Plan& plan, bool overwrite);

/// Writes the contact sheet of all pictures, which exist. Without a font it only notes that. Returns whether the sheet
/// was written.
bool write_sheet(const Plan& plan, const Note& note);

}  // namespace easel::jobs
