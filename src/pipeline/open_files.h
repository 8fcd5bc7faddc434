#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <system_error>
#include <vector>

#include "base/files.h"

namespace easel {

/// What is read from a path, and the files that it was read from.
template <typename T>
struct ReadFiles {
    std::shared_ptr<const T> value;
    std::vector<std::filesystem::path> files;
};

/// Files that the settings of the last picture name, kept open: the next one often names the same. A file that was
/// written again is another one.
template <typename T>
class OpenFiles {
  public:
    /// What is open at that path, else what `read()` gives: a ReadFiles<T>.
    template <typename Read>
    std::shared_ptr<const T> get(const std::filesystem::path& path, Read read) {
        const auto is_it = [&](const Opened& opened) {
            return opened.path == path &&
                   std::ranges::all_of(opened.files, [](const State& file) { return state_of(file.path) == file; });
        };
        auto found = std::ranges::find_if(opened_, is_it);
        if (found == opened_.end()) {
            ReadFiles<T> files = read();
            Opened opened{.path = path, .files = {}, .value = std::move(files.value)};
            for (const auto& file : files.files) opened.files.push_back(state_of(file));
            found = opened_.insert(opened_.end(), std::move(opened));
        }
        found->is_asked = true;
        return found->value;
    }

    /// Closes those that nobody got since the last call.
    void close_others() {
        std::erase_if(opened_, [](const Opened& opened) { return !opened.is_asked; });
        for (Opened& opened : opened_) opened.is_asked = false;
    }

    /// Calls `visit` with each that is open.
    template <typename Visit>
    void each(Visit visit) const {
        for (const Opened& opened : opened_) visit(*opened.value);
    }

  private:
    struct State {
        std::filesystem::path path;
        std::filesystem::file_time_type written;
        std::uintmax_t size = 0;
        bool operator==(const State&) const = default;
    };
    struct Opened {
        std::filesystem::path path;
        std::vector<State> files;
        std::shared_ptr<const T> value;
        bool is_asked = false;
    };

    static State state_of(const std::filesystem::path& path) {
        if (is_stream(path)) return {.path = path, .written = {}};
        std::error_code none;  // who reads it says what is wrong with a path
        return {.path = path,
                .written = std::filesystem::last_write_time(path, none),
                .size = std::filesystem::file_size(path, none)};
    }

    std::vector<Opened> opened_;
};

}  // namespace easel
