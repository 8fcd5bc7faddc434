#pragma once

#include <filesystem>
#include <map>
#include <string>

#include <torch/types.h>

namespace easel::train {

/// All that a run needs to go on as if it had not been interrupted, in one safetensors file. The random numbers
/// depend on the step alone (step_random.h).
struct RunState {
    /// Steps done.
    std::int64_t step = 0;
    /// Spent on them.
    double seconds = 0;
    /// What the run is, a JSON object of its settings: a run with another does not go on from here.
    std::string identity;
    /// Float32, on the CPU.
    std::map<std::string, torch::Tensor> tensors;
};

/// Writes the file under a temporary name and renames it: until then, and if the disk is full, the last one stays.
void save_state(const RunState& state, const std::filesystem::path& path);

/// Throws Error if the file is damaged or no run's.
RunState load_state(const std::filesystem::path& path);

/// load_state() of the identity alone.
std::string load_identity(const std::filesystem::path& path);

}  // namespace easel::train
