#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "html/elements.h"
#include "train/run_log.h"

namespace easel::train_cli {

/// What there was to see after some steps.
struct Look {
    std::int64_t step = 0;
    std::vector<Figure> figures;
};

/// The errors for each tenth of the timesteps after some steps.
struct Measured {
    std::int64_t step = 0;
    std::array<double, 10> losses{};
};

/// What a report shows of a run.
struct Report {
    std::string title;
    std::int64_t steps = 0;
    std::vector<train::LogRow> log;
    std::vector<Measured> measured;
    std::vector<Look> looks;
    std::vector<std::pair<std::string, std::string>> settings;
};

/// The report as one HTML page that holds its pictures and plots, needs no network and runs no script. Before the last
/// step a browser loads it anew each minute.
std::string report_page(const Report& report);

}  // namespace easel::train_cli
