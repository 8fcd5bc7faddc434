#pragma once

#include <string>
#include <vector>

#include "cli/job_plan.h"

namespace easel::cli {

/// What tells the pictures of a job apart: the settings that are not the same for all.
class JobLabels {
  public:
    explicit JobLabels(const JobPlan& plan);

    /// An entry for each setting in which the picture may differ from the others: "guidance-scale 5", "seed 7".
    std::vector<std::string> of(const PlannedPicture& picture) const;

  private:
    std::vector<std::string> names_;
    bool seeds_vary_;
};

}  // namespace easel::cli
