#include "train/run_log.h"

#include <cerrno>
#include <charconv>
#include <fstream>
#include <string>

#include <fmt/format.h>

#include "base/files.h"
#include "base/output_file.h"

namespace easel::train {
namespace {

constexpr std::string_view heading = "step,seconds,loss,gradient_norm,learning_rate\n";

/// The heading and the rows up to `step` of a log; a row that was cut short is left out.
std::string rows_up_to(std::int64_t step, const std::filesystem::path& path) {
    std::string kept(heading);
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    while (std::getline(file, line) && !file.eof()) {
        std::int64_t of_line = 0;
        const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), of_line);
        if (error == std::errc() && of_line <= step) kept += line + "\n";
    }
    return kept;
}

}  // namespace

RunLog::RunLog(std::filesystem::path path, std::int64_t step) : path_(std::move(path)) {
    write_text_file(path_, step > 0 ? rows_up_to(step, path_) : std::string(heading));
}

void RunLog::add(const LogRow& row) {
    std::ofstream file(path_, std::ios::app);
    file << fmt::format("{},{:.3f},{},{},{}\n", row.step, row.seconds, row.loss, row.gradient_norm, row.learning_rate);
    if (!file.flush()) fail_with_system_error(path_, "cannot be written", errno);
}

}  // namespace easel::train
