#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/flag_names.h"
#include "cli/interruption.h"
#include "cli/job_labels.h"
#include "cli/job_plan.h"
#include "cli/job_sheet.h"
#include "cli/notes.h"
#include "pictures/parameters.h"
#include "pictures/read.h"
#include "settings/stored_settings.h"

namespace easel::cli {
namespace fs = std::filesystem;
namespace {

using State = PlannedPicture::State;

constexpr std::string_view examples = R"(Examples:
  easel run job.toml --dry-run     what would be drawn
  easel run job.toml               after a stop: draws what is missing)";

/// The engine that was opened last.
class LastEngine {
  public:
    LastEngine(const Callbacks& callbacks, std::stop_token stop) : callbacks_(callbacks), stop_(std::move(stop)) {}

    Engine& for_picture(const PlannedPicture& picture) {
        if (!opened_for_ || opened_for_->work.engine != picture.work.engine) {
            engine_.reset();  // two models may be more than the memory holds
            engine_.emplace(stop_, picture.options.model.engine_options(stop_, picture.options.reporting()), callbacks_,
                            stop_);
            opened_for_ = &picture;
        }
        return **engine_;
    }

  private:
    const Callbacks& callbacks_;
    std::stop_token stop_;
    std::optional<UntilInterrupted<Engine>> engine_;
    const PlannedPicture* opened_for_ = nullptr;
};

/// What the init picture and the mask are made of.
auto inputs_key(const PlannedPicture& picture) {
    const GenerateOptions& options = picture.options;
    return std::tie(options.init_image, options.mask, options.auto_mask, options.person.threshold, options.person.grow,
                    options.model.runtime.device);
}

/// The pictures to begin from that were read last: a grid has one init picture and mask for all.
class LastInputs {
  public:
    LastInputs(const Callbacks& callbacks, std::stop_token stop) : callbacks_(callbacks), stop_(std::move(stop)) {}

    /// The planned picture's request with its init picture and mask.
    Request request_of(const PlannedPicture& picture) {
        Request request = picture.request;
        if (read_for_ && inputs_key(*read_for_) == inputs_key(picture)) {
            request.init_image = init_image_;
            request.mask = mask_;
        } else {
            add_pictures(picture.options, request, callbacks_, stop_);
            init_image_ = request.init_image;
            mask_ = request.mask;
            read_for_ = &picture;
        }
        return request;
    }

  private:
    const Callbacks& callbacks_;
    std::stop_token stop_;
    std::optional<Picture> init_image_;
    std::optional<Mask> mask_;
    const PlannedPicture* read_for_ = nullptr;
};

bool is_newer(const std::string& input, const fs::path& picture) {
    std::error_code ignored;
    return !input.empty() && fs::last_write_time(input, ignored) > fs::last_write_time(picture, ignored);
}

/// The settings in the picture at `path`, if it is one and has some that can be drawn with.
std::optional<std::string> settings_in(const fs::path& path) {
    std::error_code ignored;
    if (!fs::exists(path, ignored)) return std::nullopt;
    try {
        const auto text = read_parameters(path);
        return text && text->find("\nSteps: ") != std::string::npos ? text : std::nullopt;
    } catch (const Error&) {  // no picture at all
        return std::nullopt;
    }
}

/// Whether the file is a picture from its beginning to its end.
bool is_whole(const fs::path& path) {
    try {
        read_picture(path);
        return true;
    } catch (const Error&) {
        return false;
    }
}

/// What lies under the picture's name; a random seed becomes that of the picture that is there. Throws Error when the
/// picture cannot be drawn as it is asked for.
State look(PlannedPicture& picture, LastInputs& inputs, LastEngine& engine) {
    const auto stored = settings_in(picture.path());
    Request request = inputs.request_of(picture);
    if (!request.seed && stored) request.seed = parse_parameters(*stored, picture.path().string()).request.seed;
    const std::string asked = engine.for_picture(picture).parameters(request);

    std::error_code ignored;
    if (!fs::exists(picture.path(), ignored)) return State::missing;
    if (asked != stored) return State::other;
    if (is_newer(picture.options.init_image, picture.path()) || is_newer(picture.options.mask, picture.path()))
        return State::other;
    picture.request.seed = request.seed;
    return is_whole(picture.path()) ? State::done : State::damaged;
}

/// The same as far as it can be known without opening the model: what the model decides is not compared.
State look_without_model(const PlannedPicture& picture) {
    const GenerateOptions& options = picture.options;
    for (const auto& [field, path] : {std::pair("init_image", options.init_image), std::pair("mask", options.mask)})
        if (!path.empty() && !path_exists(path)) fail(ErrorKind::not_found, "`{}` {}: does not exist", field, path);
    if (const std::string& model = options.model.model;
        !model.empty() && !path_exists(model) && model.find('/') == std::string::npos)  // else a hub may have it
        fail(ErrorKind::not_found, "`model` {}: does not exist", model);
    if (!path_exists(picture.path())) return State::missing;
    const auto stored = settings_in(picture.path());
    if (!stored) return State::other;
    const Request there = parse_parameters(*stored, picture.path().string()).request;
    const Request& asked = picture.request;
    const auto differs = [](const auto& wish, const auto& value) { return wish && wish != value; };
    if (differs(asked.seed, there.seed) || differs(asked.num_inference_steps, there.num_inference_steps) ||
        differs(asked.width, there.width) || differs(asked.height, there.height) || asked.prompt != there.prompt)
        return State::other;
    if (is_newer(options.init_image, picture.path()) || is_newer(options.mask, picture.path())) return State::other;
    return is_whole(picture.path()) ? State::alike : State::damaged;
}

std::string_view intention(const PlannedPicture& picture) {
    if (picture.state == State::done) return "is there already";
    if (picture.state == State::missing) return "would be drawn";
    if (picture.state == State::alike) return "is there already, if the model's own settings are those in it";
    if (picture.state == State::damaged) return "is damaged and would be drawn again";
    return picture.options.overwrite ? "would be replaced" : "is another picture, in the way";
}

void list(const JobPlan& plan, bool json) {
    const JobLabels labels(plan);
    for (const PlannedPicture& picture : plan.pictures) {
        const std::string path = picture.path().string();
        const auto entries = labels.of(picture);
        if (json)
            print_json({{"event", "planned"}, {"path", path}, {"state", intention(picture)}, {"label", entries}});
        else
            give("{}: {}{}{}\n", path, intention(picture), entries.empty() ? "" : ": ", fmt::join(entries, ", "));
    }
}

/// Draws one picture and writes its files.
void draw_planned(PlannedPicture& picture, LastInputs& inputs, LastEngine& engine, const Callbacks& callbacks,
                  std::stop_token stop) {
    Outputs files = *picture.files;
    // Nothing was in the way when the job began; what came since is not the job's.
    if (picture.state == State::missing && !picture.options.overwrite) files.if_exists = OutputFile::IfExists::refuse;
    const Result drawn = draw(engine.for_picture(picture), inputs.request_of(picture), picture.options, files,
                              picture.index, callbacks, std::move(stop));
    picture.request.seed = drawn.seed;
    note_differences(picture.options, drawn, callbacks);
}

void run_job(const RunOptions& run, std::stop_token stop) {
    const Callbacks callbacks = notes_once(report_progress(run.reporting()), with_job_keys);
    JobPlan plan = plan_job(run, callbacks);
    const bool with_sheet = plan.pictures.size() > 1 && !run.no_sheet;
    if (with_sheet && !run.dry_run) check_sheet(run, plan);

    const std::vector<PlannedPicture*> ordered = in_drawing_order(plan);
    if (run.dry_run) {
        for (PlannedPicture* picture : ordered)
            at(*picture->asked, [&] { picture->state = look_without_model(*picture); });
        return list(plan, run.json);
    }
    LastInputs inputs(callbacks, stop);
    LastEngine engine(callbacks, stop);
    for (PlannedPicture* picture : ordered)
        at(*picture->asked, [&] { picture->state = look(*picture, inputs, engine); });
    for (const PlannedPicture* picture : ordered)
        if (picture->state == State::other && !picture->options.overwrite)
            fail("{}: is in the way, being another picture than the job asks for; move it, or use --overwrite",
                 picture->path().string());

    bool drawn_any = false;
    for (PlannedPicture* picture : ordered) {
        if (picture->state == State::done) {
            if (callbacks.note) callbacks.note(fmt::format("{}: is there already", picture->path().string()));
            continue;
        }
        if (picture->state == State::damaged && callbacks.note)
            callbacks.note(fmt::format("{}: is damaged and is drawn again", picture->path().string()));
        at(*picture->asked, [&] { draw_planned(*picture, inputs, engine, callbacks, stop); });
        drawn_any = true;
    }
    std::error_code ignored;
    if (with_sheet && (drawn_any || !fs::exists(sheet_path(run, plan), ignored))) write_sheet(run, plan, callbacks);
}

}  // namespace

void add_run(CLI::App& app, std::stop_token stop) {
    CLI::App* command = app.add_subcommand("run", "Draw the pictures that a job file lists, and a contact sheet");
    command->footer(std::string(examples));
    const auto options = std::make_shared<RunOptions>();
    command->add_option("job", options->job, "A TOML file with the long flags of generate as keys (docs/jobs.md)")
        ->required();
    command->add_flag("--dry-run", options->dry_run,
                      "List what would be drawn, without opening or downloading a model");
    command->add_option("--sheet", options->sheet,
                        "The contact sheet to write (default: JOB-sheet.png beside the first picture)");
    command->add_flag("--no-sheet", options->no_sheet, "Write no contact sheet");
    command->add_flag("--overwrite", options->overwrite, "Replace other pictures that are in the way");
    command->add_flag("--quiet", options->quiet, "Print errors only");
    command->add_flag("--json", options->json, "Report on standard output as JSON, one object a line");
    command->callback([options, stop] { run_job(*options, stop); });
}

}  // namespace easel::cli
