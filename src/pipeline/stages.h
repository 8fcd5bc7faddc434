#pragma once

#include <chrono>

#include <easel/easel.h>

namespace easel {

/// Reports one stage of the work from its construction to done(), and measures its time.
class StageReport {
  public:
    /// `before`: those that were reported before, of a stage that is done in two parts.
    StageReport(const Callbacks& callbacks, Stage stage, int steps = 1, int before = 0);

    /// After the step that makes `step` of them.
    void step(int step, const Preview* preview = nullptr) const;
    void done() const { step(steps_); }

  private:
    const Callbacks& callbacks_;
    Stage stage_;
    int steps_;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace easel
