#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/generate_options.h"
#include "cli/interruption.h"
#include "cli/model_options.h"
#include "cli/notes.h"
#include "cli/progress.h"
#include "cli/prompt_source.h"
#include "jobs/run.h"
#include "jobs/share.h"

namespace easel::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view run_examples = R"(Examples:
  easel run job.toml --dry-run     list what would be drawn
  easel run job.toml               draw it; after a stop, draw what is missing
  easel run job.toml --together    any number of processes divide the job
  easel run job.toml --share 3/8   the third of eight, without a shared folder)";

struct RunOptions {
    std::string job, sheet, share;
    bool dry_run = false, overwrite = false, no_sheet = false, together = false, sheet_only = false;
    bool quiet = false, json = false;

    Reporting reporting() const { return quiet ? Reporting::quiet : json ? Reporting::json : Reporting::human; }
};

/// Throws Error about flags that exclude each other.
void check(const RunOptions& run) {
    if (run.together && !run.share.empty())
        fail_usage("--together and --share divide a job in two ways; give one of them");
    if (!run.sheet_only) return;
    if (run.together || !run.share.empty() || run.no_sheet || run.dry_run)
        fail_usage("--sheet-only draws nothing; leave --together, --share, --no-sheet and --dry-run out");
}

/// Reads the prompts that are in files, each file once.
void read_prompts(std::vector<jobs::JobPicture>& pictures) {
    std::map<std::string, std::string> known;
    bool standard_input_is_read = true;  // is not a job's to read
    for (jobs::JobPicture& picture : pictures) {
        jobs::at(picture, [&] {
            for (auto& [key, value] : picture.settings) {
                const jobs::DrawingSetting* setting = jobs::find_drawing_setting(key);
                if (!setting || !jobs::is_prompt(*setting->facts)) continue;
                const auto [found, is_new] = known.try_emplace(value);
                if (is_new) found->second = prompt_text(value, standard_input_is_read);
                value = found->second;
            }
        });
    }
}

jobs::Plan plan(const RunOptions& run, const Callbacks& callbacks) {
    std::vector<jobs::JobPicture> pictures = jobs::read_job(run.job, jobs::job_keys());
    read_prompts(pictures);
    const jobs::PlanOptions options{.standard = standard_drawing(),
                                    .overwrite = run.overwrite,
                                    .with_sheet = !run.no_sheet,
                                    .sheet = run.sheet,
                                    .name = fs::path(run.job).stem().string()};
    jobs::Plan planned = jobs::plan_job(std::move(pictures), options, callbacks.note);
    if (!run.share.empty()) jobs::take_share(planned, jobs::read_share(run.share, jobs::environment_variables()));
    return planned;
}

/// How this process shares the work with others.
jobs::RunOptions division(const RunOptions& run, const Note& note) {
    jobs::RunOptions options{.together = run.together, .with_claims = run.share.empty()};
    if (!run.together) return options;
    try {
        if (const auto place = jobs::place_in_engine(jobs::environment_variables())) {
            options.begin = jobs::begin_of(*place);
            options.engine_job = place->job.empty() ? place->engine : fmt::format("{} {}", place->engine, place->job);
        }
    } catch (const Error& error) {  // the place only says where to begin
        note(fmt::format("begins with the first picture: {}", error.what()));
    }
    return options;
}

/// Processes know pictures that others have drawn by the settings stored in them.
void check_metadata(const jobs::Plan& plan) {
    for (const jobs::PlannedPicture& picture : plan.pictures)
        jobs::at(plan.asked[picture.asked], [&] {
            if (!picture.files.metadata)
                refuse("metadata", "with --together the settings have to be stored in the pictures; leave it out");
        });
}

/// For programs; intention() is for people.
std::string_view name(jobs::State state) {
    switch (state) {
        case jobs::State::missing:
            return "missing";
        case jobs::State::done:
            return "done";
        case jobs::State::alike:
            return "alike";
        case jobs::State::damaged:
            return "damaged";
        case jobs::State::other:
            break;
    }
    return "other";
}

std::string intention(const jobs::PlannedPicture& picture) {
    switch (picture.state) {
        case jobs::State::missing:
            return "would be drawn";
        case jobs::State::done:
            return "is there already";
        case jobs::State::alike:
            return "is there already, if the model's own settings are those in it";
        case jobs::State::damaged:
            return "is damaged and would be drawn again";
        case jobs::State::other:
            break;
    }
    return fmt::format("{} ({})",
                       picture.drawing.outputs.overwrite ? "would be replaced" : "is another picture, in the way",
                       jobs::with_job_keys(picture.difference));
}

void list(const jobs::Plan& plan, bool json) {
    std::vector<std::size_t> indices = plan.order;
    std::ranges::sort(indices);
    for (const std::size_t index : indices) {
        const jobs::PlannedPicture& picture = plan.pictures[index];
        const std::string path = picture.files.picture.string();
        const auto label = jobs::label_of(plan, picture);
        if (json)
            print_json({{"event", "planned"},
                        {"path", path},
                        {"state", name(picture.state)},
                        {"message", intention(picture)},
                        {"label", label}});
        else
            print_out("{}: {}{}{}\n", path, intention(picture), label.empty() ? "" : ": ", fmt::join(label, ", "));
    }
}

void report_sheet(Reporting reporting, const fs::path& path) {
    if (reporting == Reporting::json)
        print_json({{"event", "sheet"}, {"path", path.string()}});
    else if (reporting == Reporting::human)
        print_out("{} (contact sheet)\n", path.string());
}

void run_job(const RunOptions& run, std::stop_token stop) {
    check(run);
    const Reporting reporting = run.reporting();
    const Callbacks callbacks = notes_once(report_progress(reporting), jobs::with_job_keys);
    jobs::Plan planned = plan(run, callbacks);
    if (run.dry_run) {
        jobs::find_states(planned);
        return list(planned, run.json);
    }
    if (run.together) check_metadata(planned);
    std::optional<UntilInterrupted<Engine>> engine;
    const jobs::RunCallbacks run_callbacks{
        .find_model = [&](const EngineOptions& named) { return with_local_model(named, stop, reporting); },
        .open = [&](const EngineOptions& options) -> Engine& {
            engine.reset();  // two models may be more than the memory holds
            return *engine.emplace(stop, options, callbacks, stop);
        },
        .drawn =
            [&](const jobs::PlannedPicture& picture, const Result& drawn) {
                report_picture(reporting, picture.files.picture.string(), drawn);
                jobs::note_differences(picture.drawing.params_from, drawn, callbacks.note);
            },
        .sheet_written = [&](const fs::path& path) { report_sheet(reporting, path); },
        .drawing = callbacks};
    if (run.sheet_only) return jobs::write_sheet_only(planned, run_callbacks);
    jobs::run_job(planned, run_callbacks, stop, division(run, callbacks.note));
}

}  // namespace

void add_run(CLI::App& app, std::stop_token stop) {
    CLI::App* command = app.add_subcommand("run", "Draw the pictures that a job file lists, and a contact sheet");
    command->footer(std::string(run_examples));
    const auto options = std::make_shared<RunOptions>();
    command->add_option("job", options->job, "A TOML file with the long flags of generate as keys (docs/jobs.md)")
        ->required();
    command->add_flag("--dry-run", options->dry_run,
                      "List what would be drawn, without opening or downloading a model");
    command->add_option("--sheet", options->sheet,
                        "The contact sheet to write (default: JOB-sheet.png beside the first picture)");
    command->add_flag("--no-sheet", options->no_sheet, "Write no contact sheet");
    command->add_flag("--together", options->together,
                      "Draw with any number of processes that share the folder: each takes what no other has");
    command->add_option("--share", options->share,
                        "Draw only this share, such as 3/8; auto: the one that Slurm, MPI, ... name");
    command->add_flag("--sheet-only", options->sheet_only,
                      "Draw nothing, and write the contact sheet of pictures that are all there");
    command->add_flag("--overwrite", options->overwrite, "Replace other pictures that are in the way");
    command->add_flag("--quiet", options->quiet, "Print errors only");
    command->add_flag("--json", options->json, "Report on standard output as JSON, one object a line");
    command->callback([options, stop] { run_job(*options, stop); });
}

}  // namespace easel::cli
