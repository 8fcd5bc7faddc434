#pragma once

#include <memory>
#include <string>

#include <torch/types.h>

#include <easel/error.h>

namespace easel::train {

/// Thrown when another process of the run is gone.
class LostProcess : public Error {
  public:
    LostProcess();
};

/// The processes that take a run's steps together, each with its share of the batch.
class Ranks {
  public:
    /// This process alone.
    Ranks() = default;
    /// Meets the others at `rendezvous`, "host:port", which is a place of the process with rank 0. Throws Error about
    /// the fields `rank`, `ranks` and `rendezvous`, also where LibTorch cannot do it.
    Ranks(int rank, int count, const std::string& rendezvous);

    int rank() const { return rank_; }
    int count() const { return count_; }
    /// Whether it is this process that writes files.
    bool is_first() const { return rank_ == 0; }

    /// Replaces the values by their sums over all processes. Throws LostProcess.
    void sum(torch::Tensor& values) const;
    /// Whether it is so in any of the processes. Throws LostProcess.
    bool any(bool is_so) const;

  private:
    /// Hides LibTorch's headers for this.
    struct Group;

    int rank_ = 0, count_ = 1;
    std::shared_ptr<Group> group_;
};

}  // namespace easel::train
