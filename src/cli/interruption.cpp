#include "cli/interruption.h"

#include <cstdlib>
#include <utility>

#include "cli/console.h"

namespace easel::cli {

CompilationGuard::CompilationGuard(std::stop_token stop)
    : on_stop_(std::move(stop), [this] {
          if (!compiling_) return;
          tell("easel: {}\n", Cancelled().what());
          std::_Exit(interrupted_exit_code);
      }) {}

Callbacks CompilationGuard::watch(Callbacks callbacks) {
    callbacks.progress = [this, report = std::move(callbacks.progress)](const Progress& progress) {
        compiling_ = progress.stage == Stage::compile && progress.step < progress.steps;
        if (report) report(progress);
    };
    return callbacks;
}

}  // namespace easel::cli
