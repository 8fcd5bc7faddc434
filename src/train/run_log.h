#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace easel::train {

/// A step as the log has it.
struct LogRow {
    /// Steps done, this one included.
    std::int64_t step = 0;
    /// Spent on all steps so far.
    double seconds = 0;
    double loss = 0;
    double gradient_norm = 0;
    double learning_rate = 0;
};

/// The rows of a log; a row that was cut short is left out. None where there is no log.
std::vector<LogRow> read_log(const std::filesystem::path& path);

/// log.csv, a row a step. Rows appear as they are added.
class RunLog {
  public:
    /// Keeps the rows of the steps up to `step` of a log that is there, and goes on behind them: what came after the
    /// checkpoint that a run resumes from is done again. Throws Error when it cannot be read or written.
    RunLog(std::filesystem::path path, std::int64_t step);

    void add(const LogRow& row);

  private:
    std::filesystem::path path_;
};

}  // namespace easel::train
