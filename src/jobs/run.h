#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>

#include <easel/easel.h>

#include "jobs/plan.h"

namespace easel::jobs {

/// What a running job calls, on the caller's thread. All but `open` may be empty.
struct RunCallbacks {
    /// Finds or downloads the model that the options name, and returns them with its path. Called once for each model,
    /// before anything is drawn.
    std::function<EngineOptions(const EngineOptions& named)> find_model;
    /// Returns an engine for the options, newly opened or not. It is used until the next call, so that two models need
    /// not be in memory at once.
    std::function<Engine&(const EngineOptions& options)> open;
    /// A picture was drawn and written.
    std::function<void(const PlannedPicture& picture, const Result& drawn)> drawn;
    /// The contact sheet was written.
    std::function<void(const std::filesystem::path& path)> sheet_written;
    /// Progress within a picture, and notes.
    Callbacks drawing;
};

/// Draws the missing pictures of a plan, model after model, each opened once, and then the contact sheet. Sets
/// PlannedPicture::state, and seeds that were random.
///
/// Throws Error if another picture (State::other) is in the way and may not be replaced: before anything is opened if
/// that is known without the model (see find_states()), else before the model's first picture is drawn. That is also
/// when a picture that the model cannot draw is refused. Throws Cancelled once `stop` is requested.
void run_job(Plan& plan, const RunCallbacks& callbacks, std::stop_token stop = {});

}  // namespace easel::jobs
