#include "train/run_log.h"

#include <cerrno>
#include <charconv>
#include <fstream>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "base/files.h"
#include "base/output_file.h"

namespace easel::train {
namespace {

constexpr std::string_view heading = "step,seconds,loss,gradient_norm,learning_rate\n";

std::string text_of(const LogRow& row) {
    return fmt::format("{},{:.3f},{},{},{}\n", row.step, row.seconds, row.loss, row.gradient_norm, row.learning_rate);
}

std::optional<LogRow> row_of(std::string_view line) {
    LogRow row;
    const auto take = [&](auto& value) {
        const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
        if (error != std::errc()) return false;
        line.remove_prefix(static_cast<std::size_t>(end - line.data()));
        if (line.starts_with(',')) line.remove_prefix(1);
        return true;
    };
    const bool whole = take(row.step) && take(row.seconds) && take(row.loss) && take(row.gradient_norm) &&
                       take(row.learning_rate) && line.empty();
    return whole ? std::optional(row) : std::nullopt;
}

/// The heading and the rows up to `step`.
std::string rows_up_to(std::int64_t step, const std::filesystem::path& path) {
    std::string kept(heading);
    for (const LogRow& row : read_log(path))
        if (row.step <= step) kept += text_of(row);
    return kept;
}

}  // namespace

std::vector<LogRow> read_log(const std::filesystem::path& path) {
    std::vector<LogRow> rows;
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    while (std::getline(file, line) && !file.eof())
        if (const auto row = row_of(line)) rows.push_back(*row);
    return rows;
}

RunLog::RunLog(std::filesystem::path path, std::int64_t step) : path_(std::move(path)) {
    write_text_file(path_, step > 0 ? rows_up_to(step, path_) : std::string(heading));
}

void RunLog::add(const LogRow& row) {
    std::ofstream file(path_, std::ios::app);
    file << text_of(row);
    if (!file.flush()) fail_with_system_error(path_, "cannot be written", errno);
}

}  // namespace easel::train
