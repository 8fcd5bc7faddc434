#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

#include <easel/easel.h>

#include "jobs/claims.h"
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

/// How processes divide a job that several of them draw.
struct RunOptions {
    /// Whether this is one of many, which go on after a picture that cannot be drawn, and open no model only to look
    /// whether pictures that are there are the job's. One alone stops, and looks.
    bool together = false;
    /// The fraction of the work, 0 to 1, at which to begin. All of it is drawn, unless others draw it.
    double begin = 0.0;
    /// Whether pictures are claimed, in a folder beside the first. Without, all of Plan::order are drawn here.
    bool with_claims = true;
    ClaimRules claims;
    /// What started this process, for others to read: see Claimant::job.
    std::string engine_job;
};

/// Draws the missing pictures of a plan, model after model, each opened once, and then the contact sheet. Sets
/// PlannedPicture::state, and seeds that were random.
///
/// Throws Error if another picture (State::other) is in the way and may not be replaced: before anything is opened if
/// that is known without the model (see find_states()), else before the model's first picture is drawn. That is also
/// when a picture that the model cannot draw is refused. Throws Cancelled once `stop` is requested.
///
/// Other processes may draw the same job into the same folder: each picture is drawn by one of them, and all return
/// when all are there, and the sheet, which one writes. See Claims.
void run_job(Plan& plan, const RunCallbacks& callbacks, std::stop_token stop = {}, const RunOptions& options = {});

/// Writes the plan's contact sheet and draws nothing. Throws Error, naming what is missing, unless all pictures are
/// there.
void write_sheet_only(Plan& plan, const RunCallbacks& callbacks);

/// The folder in which processes that draw the plan claim its pictures: ".easel-NAME-HASH" beside the first. The hash
/// is of all that the job asks for, so that a job that was changed has another.
std::filesystem::path claims_folder(const Plan& plan);

}  // namespace easel::jobs
