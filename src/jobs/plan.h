#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <easel/easel.h>

#include "jobs/drawing.h"
#include "jobs/job_file.h"
#include "jobs/order.h"
#include "jobs/outputs.h"
#include "jobs/share.h"
#include "pictures/read.h"

namespace easel::jobs {

/// What is found under a picture's name.
enum class State {
    /// Nothing.
    missing,
    /// The picture.
    done,
    /// The picture, as far as is known without the model.
    alike,
    /// The picture, damaged or cut short.
    damaged,
    /// Another picture, or no picture.
    other,
};

/// What tells a file from the one that replaces it. Files have different ones; none has the default.
struct FileStamp {
    std::int64_t size = -1;
    std::chrono::nanoseconds written{};
    bool operator==(const FileStamp&) const = default;
};

/// A picture of a job.
struct PlannedPicture {
    /// The index in Plan::asked of what asks for it.
    std::size_t asked = 0;
    /// For this picture alone: batch_count is 1, and the seed is its own.
    Drawing drawing;
    OutputFiles files;
    Work work;
    /// The settings that are not the same for all pictures of the job, except the seed: "guidance-scale 5".
    std::vector<std::string> label;
    State state = State::missing;
    /// What `state` was found of.
    FileStamp seen;
    /// If `state` is `other`: what is wrong with the picture that is there ("it has another `seed`").
    std::string difference;
};

/// All that a job asks for.
struct Plan {
    /// The job's.
    std::string name;
    std::vector<JobPicture> asked;
    /// In the order of the job.
    std::vector<PlannedPicture> pictures;
    /// Those that are drawn, as indices and in that order (see drawing_order()): all, or a share of them.
    std::vector<std::size_t> order;
    /// The contact sheet's file, if one is wanted.
    std::optional<std::filesystem::path> sheet;
    bool seeds_vary = false;
};

struct PlanOptions {
    /// Applies unless a picture's settings say otherwise (see read_drawing()).
    Drawing standard;
    /// Whether other pictures in the way may be replaced, also by the contact sheet.
    bool overwrite = false;
    /// Whether a job of several pictures gets a contact sheet.
    bool with_sheet = true;
    /// Its file; empty: "NAME-sheet.png" beside the first picture.
    std::filesystem::path sheet;
    /// The job's name.
    std::string name = "job";
};

/// Plans what to draw, and to which files. Opens no model, and reads no pictures except those of `params-from` and a
/// contact sheet that an earlier run left. `note`, which may be empty, gets the notes of read_drawing(). Throws Error,
/// naming where the job asks for the picture, as read_drawing() does, on two pictures with one name, on a picture that
/// would replace what another is drawn from, and on files that cannot be written. Pictures that exist already are no
/// error here: see find_states().
Plan plan_job(std::vector<JobPicture> asked, const PlanOptions& options, const Note& note);

/// Leaves of the order the pictures of one share, and no contact sheet. All shares of one job together have each
/// picture once.
void take_share(Plan& plan, const Share& share);

/// What distinguishes a picture from the others: its label, and the seed if seeds vary.
std::vector<std::string> label_of(const Plan& plan, const PlannedPicture& picture);

/// Sets PlannedPicture::state and difference of all pictures that are drawn, as far as they are known without the
/// models: State::alike if only the model can tell whether the picture is the one that the job asks for. Throws Error,
/// naming where the job asks for the picture, if an init picture, a mask or a model does not exist.
void find_states(Plan& plan);

/// The same for one picture once its model is open. `request` is the drawing's, with its pictures. If the picture that
/// is there is the one that the job asks for, a random seed becomes that picture's. Throws Error if the model cannot
/// draw the request.
void find_state(PlannedPicture& picture, Request request, const Engine& engine);

/// The same for one picture that another process may have drawn since its state was found, without its model: such a
/// picture is taken for done if it differs in nothing that the job's own settings show, and a random seed becomes its.
void look_again(PlannedPicture& picture);

/// Takes a picture of State::alike for done, without asking the model. A random seed becomes that picture's.
void accept(PlannedPicture& picture);

/// Does `work` for a picture. An error then names where the job asks for it, and keys in place of fields.
template <typename Action>
void at(const JobPicture& picture, Action work) {
    try {
        work();
    } catch (const Cancelled&) {
        throw;
    } catch (const Error& error) {
        throw Error(error.kind(), picture.where + ": " + with_job_keys(error.what()), error.field());
    }
}

}  // namespace easel::jobs
