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
    /// Whether it is a switch: its values are true and false.
    bool is_truth = false;
    /// Whether a value may itself be a list of texts, which hold together and become one text of a line for each.
    bool is_list = false;
};

/// Settings by key, with their values as text; those of a switch are "true" and "false".
using GivenSettings = std::vector<std::pair<std::string, std::string>>;

/// A picture, or a batch of them, that a job asks for. A program that has its jobs in another form than files makes
/// these itself.
struct JobPicture {
    /// Keys by their first name, in the order in which the file has them.
    GivenSettings settings;
    /// Where the job asks for it, for messages: "job.toml:12".
    std::string where;
    /// The length of the last list that it is an element of; 1 without lists.
    std::size_t row = 1;
};

/// Reads the text of a job file: TOML whose [[picture]] tables have `keys`. Keys in [defaults], or before all tables,
/// apply to each picture that does not override them. A list of values means one picture for each, several lists all
/// their combinations, of which the last list changes fastest. Throws Error, naming the file and the line, on text that
/// is not TOML, on an unknown key (with the nearest known one), on a value that is not a text, a number, true or false,
/// or a list of these, and on more than 10,000 pictures.
std::vector<JobPicture> parse_job(std::string_view text, const std::filesystem::path& path, std::span<const Key> keys);

/// parse_job() of the file at `path`, of 1 MiB at most.
std::vector<JobPicture> read_job(const std::filesystem::path& path, std::span<const Key> keys);

}  // namespace easel::jobs
