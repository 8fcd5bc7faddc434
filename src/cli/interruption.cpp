#include "cli/interruption.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "cli/progress.h"

namespace easel::cli {

void say_stopped() {
    fmt::print(stderr, "{}easel: stopped; nothing was written for the picture that was not done\n", line_start());
}

CompilationGuard::CompilationGuard(std::stop_token stop)
    : on_stop_(std::move(stop), [this] {
          if (!compiling_) return;
          say_stopped();
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
