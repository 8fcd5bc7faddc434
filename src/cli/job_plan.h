#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <easel/easel.h>

#include "cli/drawing.h"
#include "cli/flag_names.h"
#include "cli/generate_options.h"
#include "jobs/job_file.h"
#include "jobs/order.h"

namespace easel::cli {

using jobs::JobPicture;

/// The flags of `run`.
struct RunOptions {
    std::string job, sheet;
    bool dry_run = false, overwrite = false, no_sheet = false, quiet = false, json = false;

    Reporting reporting() const { return quiet ? Reporting::quiet : json ? Reporting::json : Reporting::human; }
};

/// A picture of a job.
struct PlannedPicture {
    /// What lies under its name: nothing, the picture itself, what may be it as far as is known without the model, what
    /// is left of it, or something else.
    enum class State { missing, done, alike, damaged, other };

    const JobPicture* asked;
    GenerateOptions options;
    Request request;
    jobs::Work work;
    const Outputs* files = nullptr;
    std::size_t index = 0;
    State state = State::missing;

    const std::filesystem::path& path() const { return files->pictures[index]; }
};

/// All that a job asks for, in its order.
struct JobPlan {
    std::vector<JobPicture> asked;
    std::vector<PlannedPicture> pictures;
    std::vector<std::unique_ptr<Outputs>> outputs;
};

/// Reads the job file, and its settings as the command line reads them. Throws Error, naming the line, on what
/// `easel generate` would refuse without knowing the model, on two pictures of one name and on files that cannot be
/// written.
JobPlan plan_job(const RunOptions& run, const Callbacks& callbacks);

/// The pictures in the order in which they are drawn (see jobs::drawing_order()).
std::vector<PlannedPicture*> in_drawing_order(JobPlan& plan);

/// Does `work`; an error in what the job asks for then says where it asks.
template <typename Work>
void at(const JobPicture& picture, Work work) {
    try {
        work();
    } catch (const Cancelled&) {
        throw;
    } catch (const Error& error) {
        throw Error(error.kind(), picture.where + ": " + with_job_keys(error.what()), error.field());
    }
}

}  // namespace easel::cli
