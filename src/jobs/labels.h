#pragma once

#include "jobs/plan.h"

namespace easel::jobs {

/// Sets PlannedPicture::label of each picture, and Plan::seeds_vary.
void add_labels(Plan& plan);

}  // namespace easel::jobs
