#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace easel::jobs {

/// A part of a job: the one with this index, from 0, of `count` parts.
struct Share {
    std::size_t index = 0, count = 1;
    bool operator==(const Share&) const = default;
};

/// Which of several processes this is.
struct EnginePlace {
    /// What started them: "Slurm array".
    std::string engine;
    /// Its name for all of them: "4711". Empty if there is none.
    std::string job;
    /// From 0.
    std::size_t index = 0;
    /// Of all processes; none if the engine does not tell.
    std::optional<std::size_t> count;
};

/// The value of a variable of the environment; none if it is not set.
using Variables = std::function<std::optional<std::string>(std::string_view name)>;

/// The variables of this process's environment.
Variables environment_variables();

/// What the environment tells of Open MPI, MPICH, Slurm, Kubernetes, AWS Batch, Google Batch, Cloud Run, SGE, LSF, PBS
/// and GNU parallel, the first of them that is found; none without any. EASEL_SHARE_COUNT is the count where an engine
/// tells none. Throws Error if the variables make no sense: an index past the count, as Slurm's `--array=3,7,9` has.
std::optional<EnginePlace> place_in_engine(const Variables& variables);

/// The share that `text` means: "3/8" is the third of eight, "auto" what the engine says. Throws Error about `share` on
/// any other text, and if the engine does not tell all that is needed.
Share read_share(std::string_view text, const Variables& variables);

/// The fraction of the work, 0 to 1, at which a process of an engine does best to begin when all take what others
/// leave: evenly spread, also while the count is not known.
double begin_of(const EnginePlace& place);

}  // namespace easel::jobs
