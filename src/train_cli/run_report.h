#pragma once

#include <optional>

#include <nlohmann/json.hpp>

#include "train/data_file.h"
#include "train/modules.h"
#include "train/run.h"
#include "train_cli/report_page.h"

namespace easel::train_cli {

/// Keeps the report of a run. Beside `report.html` it writes into the run's folder what a resumed run shows again:
///   `validation.csv`      the losses by timestep at each checkpoint
///   `progress/STEP.png`   the pictures of each checkpoint, side by side
class RunReport {
  public:
    /// `identity` is the JSON object of the run's settings; `captions` are those of each look's pictures.
    RunReport(train::RunFolder folder, std::string title, std::int64_t steps, const nlohmann::ordered_json& identity,
              std::vector<std::string> captions);

    /// Adds what was found after `step` steps: the losses, and pictures [n, 3, height, width] in -1..1, one for each
    /// caption. Writes the report anew.
    void add(std::int64_t step, const std::optional<std::array<double, 10>>& losses,
             const std::optional<train::Tensor>& pictures);

  private:
    std::filesystem::path validation() const { return folder_.path / "validation.csv"; }
    std::filesystem::path progress() const { return folder_.path / "progress"; }
    std::vector<Measured> read_measured() const;
    std::vector<Look> read_looks() const;

    train::RunFolder folder_;
    Report report_;
    std::vector<std::string> captions_;
};

}  // namespace easel::train_cli
