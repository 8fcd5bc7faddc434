#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace easel::jobs {

/// The most pictures that one call draws.
inline constexpr int largest_batch = 10000;

/// A key that a job file may have.
struct Key {
    /// All its names: "num-inference-steps" and "steps". The first stands for it.
    std::vector<std::string> names;
    /// Whether its values are true and false.
    bool is_truth = false;
};

/// A picture, or a batch of them, that a job file asks for.
struct JobPicture {
    /// Keys by their first name and their values as text, in the order in which the file has them; of a truth "true" or
    /// "false".
    std::vector<std::pair<std::string, std::string>> settings;
    /// Where it is asked for, for messages: "job.toml:12".
    std::string where;
    /// The length of the last list that it is an element of, or 1.
    std::size_t row = 1;
};

/// Reads the text of a job file: TOML whose [[picture]] tables have `keys`. Keys of [defaults], or before all tables,
/// hold for each picture that does not say otherwise. A list of values stands for one picture each, several lists for
/// all their combinations, of which the last list changes fastest. Throws Error, naming the file and the line, on what
/// is no TOML, on an unknown key (with the nearest known one), on a value that is no text, number, true or false or a
/// list of such, and on more than 10,000 pictures.
std::vector<JobPicture> parse_job(std::string_view text, const std::filesystem::path& path, std::span<const Key> keys);

/// parse_job() of the file at `path`, of 1 MiB at most.
std::vector<JobPicture> read_job(const std::filesystem::path& path, std::span<const Key> keys);

}  // namespace easel::jobs
