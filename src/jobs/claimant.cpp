#include "jobs/claimant.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <random>
#include <sstream>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "base/error.h"
#include "base/json.h"

namespace easel::jobs {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t longest_text = 200;

std::string first_line(const fs::path& path) {
    std::string line;
    std::ifstream file(path);
    std::getline(file, line);
    return line;
}

std::string random_id() {
    std::random_device device;
    return fmt::format("{:08x}{:08x}{:08x}", device(), device(), device());
}

/// From `/proc/PID/stat`, whose second field, a name in brackets, may hold blanks and brackets: see proc(5).
struct ProcessStat {
    char state = '?';
    std::uint64_t began = 0;
};

std::optional<ProcessStat> stat_of(int process) {
    constexpr int fields_before_beginning = 18;  // after the state, which is the third; the beginning is the 22nd
    const std::string line = first_line(fmt::format("/proc/{}/stat", process));
    const std::size_t bracket = line.rfind(')');
    if (bracket == std::string::npos) return std::nullopt;
    std::istringstream rest(line.substr(bracket + 1));
    ProcessStat stat;
    rest >> stat.state;
    std::string skipped;
    for (int i = 0; i < fields_before_beginning; ++i) rest >> skipped;
    rest >> stat.began;
    return rest ? std::optional(stat) : std::nullopt;
}

/// The widest vector instructions, of those that change how networks are computed, by the kernel's names.
std::string widest_instructions() {
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);) {
        if (!line.starts_with("flags") && !line.starts_with("Features")) continue;
        std::istringstream words(line);
        const std::vector<std::string> flags{std::istream_iterator<std::string>(words), {}};
        for (const char* name : {"amx_bf16", "avx512_bf16", "avx512f", "avx2", "sse4_2", "sve2", "sve", "asimd"})
            if (std::ranges::find(flags, name) != flags.end()) return name;
        break;
    }
    return "";
}

std::string host_name() {
    char name[256] = {};
    return ::gethostname(name, sizeof name - 1) == 0 ? name : "";
}

bool is_fit_to_show(const std::string& text) {
    return text.size() <= longest_text && std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

Claimant this_process() {
    std::error_code ignored;
    const int process = ::getpid();
    return {.id = random_id(),
            .host = host_name(),
            .process = process,
            .boot = first_line("/proc/sys/kernel/random/boot_id"),
            .name_space = fs::read_symlink("/proc/self/ns/pid", ignored).string(),
            .began = stat_of(process).value_or(ProcessStat()).began,
            .instructions = widest_instructions()};
}

std::string describe(const Claimant& claimant) {
    return fmt::format("process {} on {}{}", claimant.process, claimant.host,
                       claimant.job.empty() ? "" : fmt::format(" ({})", claimant.job));
}

std::string text_of(const Claimant& claimant) {
    const nlohmann::ordered_json json = {{"id", claimant.id},
                                         {"host", claimant.host},
                                         {"process", claimant.process},
                                         {"boot", claimant.boot},
                                         {"name_space", claimant.name_space},
                                         {"began", claimant.began},
                                         {"job", claimant.job},
                                         {"precision", claimant.precision},
                                         {"instructions", claimant.instructions}};
    return json.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::optional<Claimant> claimant_of(std::string_view text) {
    Claimant claimant;
    try {
        const nlohmann::json json = parse_json(text, "claim");
        const std::pair<const char*, std::string*> texts[] = {{"id", &claimant.id},
                                                              {"host", &claimant.host},
                                                              {"boot", &claimant.boot},
                                                              {"job", &claimant.job},
                                                              {"name_space", &claimant.name_space},
                                                              {"precision", &claimant.precision},
                                                              {"instructions", &claimant.instructions}};
        for (const auto& [key, value] : texts) {
            *value = json.at(key).get<std::string>();
            if (!is_fit_to_show(*value)) return std::nullopt;
        }
        const nlohmann::json &process = json.at("process"), &began = json.at("began");
        if (!process.is_number_unsigned() || !began.is_number_unsigned()) return std::nullopt;
        const auto number = process.get<std::uint64_t>();
        if (number > std::numeric_limits<int>::max()) return std::nullopt;
        claimant.process = static_cast<int>(number);
        claimant.began = began.get<std::uint64_t>();
    } catch (const Error&) {
        return std::nullopt;
    } catch (const nlohmann::json::exception&) {  // a key is missing, or its value is of another type
        return std::nullopt;
    }
    return claimant;
}

bool has_ended(const Claimant& claimant) {
    static const Claimant own = this_process();
    if (claimant.process <= 0 || claimant.boot.empty() || claimant.name_space.empty() || claimant.host != own.host ||
        claimant.boot != own.boot || claimant.name_space != own.name_space)
        return false;
    if (::kill(claimant.process, 0) != 0 && errno == ESRCH) return true;
    const auto stat = stat_of(claimant.process);  // none where the processes of other people are hidden
    return stat && (stat->began != claimant.began || stat->state == 'Z' || stat->state == 'X');
}

}  // namespace easel::jobs
