#pragma once

#include "cli/progress.h"
#include "hub/pull.h"

namespace easel::cli {

/// Callbacks that report downloads in that way, with the rate and the time left.
hub::Callbacks report_downloads(Reporting reporting);

}  // namespace easel::cli
