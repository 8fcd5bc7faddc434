#include "jobs/share.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include <fmt/format.h>

#include "base/error.h"

namespace easel::jobs {
namespace {

constexpr std::size_t most_shares = 10000;

/// How an engine tells its processes apart. Each text but `engine` is the name of a variable; empty: there is none.
struct Launcher {
    std::string_view engine, job;
    std::string_view index;
    /// The least index; without that variable it is `base`.
    std::string_view first;
    std::size_t base = 0;
    /// The distance of two indices; 1 without it.
    std::string_view step;
    std::string_view count;
    /// The greatest index, where the count follows from it.
    std::string_view last;
    /// This must be set too.
    std::string_view needed;
    /// The value of `index` that means no index.
    std::string_view none;
    /// Whether the user chooses the least index and tells nobody.
    bool any_base = false;
};

/// Processes that are started together. Open MPI's comes before Slurm's: mpirun in an allocation shows SLURM_PROCID
/// too, which is the node's. SLURM_PROCID counts in steps alone: a batch script has 0, and the count of what it may
/// start.
constexpr Launcher groups[] = {
    {.engine = "Open MPI", .job = "PMIX_NAMESPACE", .index = "OMPI_COMM_WORLD_RANK", .count = "OMPI_COMM_WORLD_SIZE"},
    {.engine = "MPICH", .index = "PMI_RANK", .count = "PMI_SIZE"},
    {.engine = "Slurm",
     .job = "SLURM_JOB_ID",
     .index = "SLURM_PROCID",
     .count = "SLURM_STEP_NUM_TASKS",
     .needed = "SLURM_STEP_ID"},
};

constexpr Launcher slurm_array = {.engine = "Slurm array",
                                  .job = "SLURM_ARRAY_JOB_ID",
                                  .index = "SLURM_ARRAY_TASK_ID",
                                  .first = "SLURM_ARRAY_TASK_MIN",
                                  .step = "SLURM_ARRAY_TASK_STEP",
                                  .count = "SLURM_ARRAY_TASK_COUNT"};

constexpr Launcher arrays[] = {
    {.engine = "Kubernetes", .index = "JOB_COMPLETION_INDEX"},
    {.engine = "AWS Batch",
     .job = "AWS_BATCH_JOB_ID",
     .index = "AWS_BATCH_JOB_ARRAY_INDEX",
     .count = "AWS_BATCH_JOB_ARRAY_SIZE"},
    {.engine = "Google Batch", .job = "BATCH_JOB_UID", .index = "BATCH_TASK_INDEX", .count = "BATCH_TASK_COUNT"},
    {.engine = "Cloud Run",
     .job = "CLOUD_RUN_EXECUTION",
     .index = "CLOUD_RUN_TASK_INDEX",
     .count = "CLOUD_RUN_TASK_COUNT"},
    {.engine = "SGE",
     .job = "JOB_ID",
     .index = "SGE_TASK_ID",
     .first = "SGE_TASK_FIRST",
     .step = "SGE_TASK_STEPSIZE",
     .last = "SGE_TASK_LAST",
     .none = "undefined"},
    {.engine = "LSF", .job = "LSB_JOBID", .index = "LSB_JOBINDEX", .base = 1, .none = "0"},
    {.engine = "PBS Pro", .job = "PBS_JOBID", .index = "PBS_ARRAY_INDEX", .any_base = true},
    {.engine = "Torque", .job = "PBS_JOBID", .index = "PBS_ARRAYID", .any_base = true},
    {.engine = "GNU parallel", .index = "PARALLEL_SEQ", .base = 1},
};

/// Digits only, and not more than a count may be.
std::optional<std::size_t> whole_number(std::string_view text) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::optional<std::string> text_of(const Variables& variables, std::string_view name) {
    auto text = name.empty() ? std::nullopt : variables(name);
    return text && text->empty() ? std::nullopt : text;
}

std::optional<std::size_t> number_of(const Variables& variables, std::string_view name) {
    const auto text = text_of(variables, name);
    if (!text) return std::nullopt;
    const auto number = whole_number(*text);
    if (!number) fail_usage("the variable {} of the environment is \"{:.40}\", which is no number", name, *text);
    return number;
}

std::optional<std::size_t> count_by_user(const Variables& variables) {
    const auto count = number_of(variables, "EASEL_SHARE_COUNT");
    if (count == 0u)
        fail_usage("the variable EASEL_SHARE_COUNT of the environment is 0; it is the number of processes");
    return count;
}

std::optional<EnginePlace> place_in(const Launcher& engine, const Variables& variables) {
    const auto text = text_of(variables, engine.index);
    if (!text || *text == engine.none) return std::nullopt;
    if (!engine.needed.empty() && !text_of(variables, engine.needed)) return std::nullopt;
    const std::size_t index = number_of(variables, engine.index).value();
    const std::size_t first = number_of(variables, engine.first).value_or(engine.base);
    const std::size_t step = number_of(variables, engine.step).value_or(1);
    std::optional<std::size_t> count = number_of(variables, engine.count);
    const auto last = number_of(variables, engine.last);
    if (last && step > 0 && *last >= first) count = (*last - first) / step + 1;
    if (!count) count = count_by_user(variables);
    if (engine.any_base && count) {  // any `count` indices that follow each other leave different remainders
        return EnginePlace{std::string(engine.engine), text_of(variables, engine.job).value_or(""), index % *count,
                           count};
    }
    if (step == 0 || index < first || (index - first) % step != 0 || (count && (index - first) / step >= *count))
        fail_usage("{} numbers this process {} ({}), which is not one of {} processes from {} in steps of {}",
                   engine.engine, index, engine.index, count ? fmt::format("{}", *count) : "the", first, step);
    return EnginePlace{std::string(engine.engine), text_of(variables, engine.job).value_or(""), (index - first) / step,
                       count};
}

}  // namespace

Variables environment_variables() {
    return [](std::string_view name) -> std::optional<std::string> {
        const char* const value = std::getenv(std::string(name).c_str());
        return value ? std::optional<std::string>(value) : std::nullopt;
    };
}

std::optional<EnginePlace> place_in_engine(const Variables& variables) {
    std::optional<EnginePlace> place;
    for (const Launcher& engine : groups)
        if (!place) place = place_in(engine, variables);
    // Each task of an array may start a group.
    if (const auto array = place_in(slurm_array, variables)) {
        if (!place) return array;
        const std::size_t in_group = place->count.value_or(1);
        place->engine = fmt::format("{} in a {}", place->engine, array->engine);
        place->job = array->job;
        place->index += array->index * in_group;
        if (place->count && array->count)
            *place->count *= *array->count;
        else
            place->count.reset();
    }
    for (const Launcher& engine : arrays)
        if (!place) place = place_in(engine, variables);
    return place;
}

Share read_share(std::string_view text, const Variables& variables) {
    if (text == "auto") {
        const auto place = place_in_engine(variables);
        if (!place)
            refuse_value("share", text, "no engine that easel knows started this process; give the share, such as 3/8");
        if (!place->count)
            refuse_value("share", text,
                         "{} does not tell how many processes there are; set EASEL_SHARE_COUNT, or give `share` as "
                         "{}/COUNT",
                         place->engine, place->index + 1);
        if (*place->count > most_shares)
            refuse_value("share", text, "{} says that there are {} processes; there may be {} shares", place->engine,
                         *place->count, most_shares);
        return {place->index, *place->count};
    }
    const std::size_t slash = text.find('/');
    const auto number = whole_number(text.substr(0, slash));
    const auto count = slash == std::string_view::npos ? std::nullopt : whole_number(text.substr(slash + 1));
    if (!number || !count || *number < 1 || *number > *count || *count > most_shares)
        refuse_value("share", text, "give it as 3/8, the third of eight shares (at most {}), or as auto", most_shares);
    return {*number - 1, *count};
}

double begin_of(const EnginePlace& place) {
    if (place.count && *place.count > 0) return static_cast<double>(place.index) / static_cast<double>(*place.count);
    // The multiples of the golden ratio, whose fractions any number of processes spread evenly.
    constexpr double golden_ratio = 1.6180339887498949;
    const double turns = static_cast<double>(place.index) * golden_ratio;
    return turns - std::floor(turns);
}

}  // namespace easel::jobs
