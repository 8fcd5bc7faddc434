#pragma once

#include "cli/progress.h"
#include "hub/pull.h"

namespace easel::cli {

/// Callbacks that tell of downloads in that way, with rate and time left.
hub::Callbacks report_downloads(Reporting reporting);

}  // namespace easel::cli
