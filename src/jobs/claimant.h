#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace easel::jobs {

/// A process that draws pictures of a job which other processes draw too, as it presents itself to them.
struct Claimant {
    /// Random: no two processes have the same.
    std::string id;
    std::string host;
    int process = 0;
    /// What tells it apart from another process of that number: the run of the kernel, the name space of process
    /// numbers, and when the process began, in the kernel's ticks.
    std::string boot, name_space;
    std::uint64_t began = 0;
    /// What started it: "Slurm 4711". Empty: a person.
    std::string job;
    /// What its networks run in ("bf16"), and the widest instructions of its processor ("avx512_bf16"). Pictures of
    /// processes in which these differ may differ by rounding.
    std::string precision, instructions;
};

/// This process, with a new id.
Claimant this_process();

/// "process 123 on node1 (Slurm 4711)"
std::string describe(const Claimant& claimant);

/// As a line of JSON, and back; none if the text is not such a line.
std::string text_of(const Claimant& claimant);
std::optional<Claimant> claimant_of(std::string_view text);

/// Whether the process has certainly ended. Known only of processes of this machine, in this process's name space.
bool has_ended(const Claimant& claimant);

}  // namespace easel::jobs
