#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/drawing.h"
#include "cli/generate_options.h"
#include "cli/interruption.h"
#include "cli/job.h"
#include "cli/output_paths.h"
#include "cli/parse_errors.h"
#include "pictures/contact_sheet.h"
#include "pictures/format.h"
#include "pictures/parameters.h"
#include "pictures/read.h"
#include "pictures/write.h"
#include "pipeline/stored_settings.h"

namespace easel::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view examples = R"(Examples:
  easel run job.toml --dry-run     what would be drawn
  easel run job.toml               again after a stop: goes on with what is missing)";

constexpr std::string_view sheet_mark = "Contact sheet of an easel job";
constexpr std::size_t longest_label_text = 80;

struct RunOptions {
    std::string job, sheet;
    bool dry_run = false, overwrite = false, no_sheet = false, quiet = false, json = false;
};

enum class State { missing, done, other };

/// A picture of the job.
struct Planned {
    const JobPicture* asked;
    GenerateOptions options;
    Request request;
    const Outputs* files = nullptr;
    std::size_t index = 0;
    State state = State::missing;

    const fs::path& path() const { return files->pictures[index]; }
    /// Those of one value are drawn by one engine.
    auto engine_key() const {
        const ModelOptions& model = options.model;
        return std::tie(model.model, model.tokenizer, model.device, model.precision, model.threads);
    }
};

/// All that the job asks for, in its order.
struct Plan {
    std::vector<JobPicture> asked;
    std::vector<Planned> pictures;
    std::vector<std::unique_ptr<Outputs>> outputs;
};

/// An error in what a job asks for says where it does.
template <typename Work>
void at(const JobPicture& picture, Work work) {
    try {
        work();
    } catch (const Cancelled&) {
        throw;
    } catch (const Error& error) {
        throw Error(error.kind(), fmt::format("{}: {}", picture.where, error.what()));
    }
}

/// The picture's settings, read as the command line reads them.
Planned read(const JobPicture& picture, const RunOptions& run, const Callbacks& callbacks) {
    Planned planned{.asked = &picture};
    GenerateOptions& options = planned.options;
    options.standard_input_is_read = true;  // is not a job's to read
    CLI::App command("", "generate");
    add_flags(command, options);
    std::vector<std::string> arguments = picture.arguments(command);
    std::ranges::reverse(arguments);
    try {
        command.parse(arguments);
    } catch (const CLI::ParseError& error) {
        fail_usage("{}", sentence_of(error, command));
    }
    complete_from_picture(command, options, callbacks);
    options.overwrite |= run.overwrite;
    options.quiet |= run.quiet;
    options.json |= run.json;
    planned.request = request_of(options);
    if (options.output.empty()) options.output = name_from_prompt(planned.request.prompt) + ".png";
    return planned;
}

/// Numbers the pictures that have one name in common.
void name_files(Plan& plan) {
    std::map<std::tuple<std::string, std::string, std::string>, std::vector<Planned*>> groups;
    for (Planned& picture : plan.pictures) {
        const GenerateOptions& options = picture.options;
        groups[{options.output, options.save_latents, options.save_mask}].push_back(&picture);
    }
    std::set<fs::path> paths;
    for (const auto& [names, group] : groups) {
        GenerateOptions options = group.front()->options;
        options.batch_count = static_cast<int>(group.size());
        options.overwrite = true;  // what is there already is looked at later
        at(*group.front()->asked, [&, &pictures = group] {
            plan.outputs.push_back(std::make_unique<Outputs>(outputs(options, "")));
            for (std::size_t i = 0; i < pictures.size(); ++i) {
                pictures[i]->files = plan.outputs.back().get();
                pictures[i]->index = i;
                if (!paths.insert(pictures[i]->path().lexically_normal()).second)
                    fail_usage("two pictures of the job would be {}; give them other names with output",
                               pictures[i]->path().string());
            }
        });
    }
}

Plan plan_job(const RunOptions& run, const Callbacks& callbacks) {
    CLI::App command("", "generate");
    GenerateOptions unused;
    add_flags(command, unused);
    Plan plan{.asked = read_job(run.job, command)};
    for (const JobPicture& asked : plan.asked) {
        at(asked, [&] {
            Planned picture = read(asked, run, callbacks);
            const int count = std::exchange(picture.options.batch_count, 1);
            if (plan.pictures.size() + static_cast<std::size_t>(count) > largest_batch)
                fail_usage("the job asks for more than {} pictures", largest_batch);
            for (int i = 0; i < count; ++i) {
                plan.pictures.push_back(picture);
                if (picture.request.seed) ++*picture.request.seed;
            }
        });
    }
    name_files(plan);
    return plan;
}

/// The engine that was opened last.
class LastEngine {
  public:
    LastEngine(const Callbacks& callbacks, std::stop_token stop) : callbacks_(callbacks), stop_(std::move(stop)) {}

    Engine& for_picture(const Planned& picture) {
        if (!opened_for_ || opened_for_->engine_key() != picture.engine_key()) {
            engine_.reset();  // two models may be more than the memory holds
            engine_.emplace(picture.options.model.engine_options(stop_, picture.options.reporting()), callbacks_);
            opened_for_ = &picture;
        }
        return *engine_;
    }

  private:
    const Callbacks& callbacks_;
    std::stop_token stop_;
    std::optional<Engine> engine_;
    const Planned* opened_for_ = nullptr;
};

bool is_newer(const std::string& input, const fs::path& picture) {
    std::error_code ignored;
    return !input.empty() && fs::last_write_time(input, ignored) > fs::last_write_time(picture, ignored);
}

std::optional<std::string> parameters_in(const fs::path& path) {
    try {
        return read_parameters(path);
    } catch (const Error&) {  // no picture at all
        return std::nullopt;
    }
}

/// What lies under the picture's name. A random seed becomes that of the picture that is there.
State look(Planned& picture, LastEngine& engine, std::stop_token stop) {
    std::error_code ignored;
    if (!fs::exists(picture.path(), ignored)) return State::missing;
    const auto stored = parameters_in(picture.path());
    if (!stored || stored->find("\nSteps: ") == std::string::npos) return State::other;
    if (is_newer(picture.options.init_image, picture.path()) || is_newer(picture.options.mask, picture.path()))
        return State::other;
    Request request = picture.request;
    if (!request.seed) request.seed = parse_parameters(*stored, picture.path().string()).request.seed;
    const auto seed = request.seed;
    add_pictures(picture.options, request, {}, std::move(stop));
    if (engine.for_picture(picture).parameters(request) != *stored) return State::other;
    picture.request.seed = seed;
    return State::done;
}

/// The pictures in the order in which they are drawn: each model's together.
std::vector<Planned*> by_engine(Plan& plan) {
    std::vector<Planned*> ordered;
    std::vector<std::vector<Planned*>> groups;
    for (Planned& picture : plan.pictures) {
        const auto same = std::ranges::find_if(
            groups, [&](const auto& group) { return group.front()->engine_key() == picture.engine_key(); });
        if (same == groups.end())
            groups.push_back({&picture});
        else
            same->push_back(&picture);
    }
    for (const auto& group : groups) ordered.insert(ordered.end(), group.begin(), group.end());
    return ordered;
}

/// The settings that are not the same for all pictures, without those that only name files.
std::vector<std::string> varying(const Plan& plan) {
    static const std::set<std::string> left_out = {"output", "save-latents", "save-mask", "overwrite",
                                                   "quiet",  "batch-count",  "json",      "show",
                                                   "seed",   "no-metadata"};
    std::vector<std::string> names;
    std::map<std::string, std::map<std::string, std::size_t>> counts;
    for (const JobPicture& asked : plan.asked)
        for (const auto& [name, value] : asked.settings) {
            if (!counts.contains(name)) names.push_back(name);
            ++counts[name][value];
        }
    std::erase_if(names, [&](const std::string& name) {
        const auto& values = counts[name];
        return left_out.contains(name) || (values.size() == 1 && values.begin()->second == plan.asked.size());
    });
    return names;
}

std::string shortened(std::string text) {
    if (text.size() <= longest_label_text) return text;
    std::size_t end = longest_label_text;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    return text.substr(0, end) + "\u2026";
}

/// What makes the picture differ from the others, an entry for each setting.
std::vector<std::string> label(const Planned& picture, const std::vector<std::string>& names, bool seeds_vary) {
    std::vector<std::string> entries;
    for (const std::string& name : names)
        for (const auto& [key, value] : picture.asked->settings)
            if (key == name) entries.push_back(shortened(name == "prompt" ? value : fmt::format("{} {}", name, value)));
    if (seeds_vary)
        entries.push_back(picture.request.seed ? fmt::format("seed {}", *picture.request.seed) : "a random seed");
    return entries;
}

bool seeds_vary(const Plan& plan) {
    return std::ranges::any_of(plan.pictures, [&](const Planned& picture) {
        return !picture.request.seed || picture.request.seed != plan.pictures.front().request.seed;
    });
}

void list(const Plan& plan, bool json) {
    const auto names = varying(plan);
    const bool with_seeds = seeds_vary(plan);
    for (const Planned& picture : plan.pictures) {
        const std::string_view state = picture.state == State::done      ? "is there already"
                                       : picture.state == State::missing ? "would be drawn"
                                       : picture.options.overwrite       ? "would be replaced"
                                                                         : "is another picture, in the way";
        const auto entries = label(picture, names, with_seeds);
        if (json)
            print_json({{"event", "planned"}, {"path", picture.path().string()}, {"state", state}, {"label", entries}});
        else
            fmt::print("{}: {}{}{}\n", picture.path().string(), state, entries.empty() ? "" : ": ",
                       fmt::join(entries, ", "));
    }
}

fs::path sheet_path(const RunOptions& run, const Plan& plan) {
    if (!run.sheet.empty()) return run.sheet;
    return plan.pictures.front().path().parent_path() / (fs::path(run.job).stem().string() + "-sheet.png");
}

void check_sheet(const RunOptions& run, const Plan& plan) {
    const fs::path path = sheet_path(run, plan);
    format_of_path(path);
    const bool ours = parameters_in(path).value_or("").starts_with(sheet_mark);
    check_writable(path, ours || run.overwrite ? OutputFile::IfExists::replace : OutputFile::IfExists::refuse);
    for (const Planned& picture : plan.pictures)
        if (picture.path().lexically_normal() == path.lexically_normal())
            fail_usage("{}: is the name of a picture and of the contact sheet; give another with --sheet",
                       path.string());
}

void write_sheet(const RunOptions& run, const Plan& plan, const Callbacks& callbacks) {
    if (!can_write_labels()) {
        if (callbacks.note)
            callbacks.note("there is no contact sheet, as no font is installed; Debian's fonts-dejavu-core is one");
        return;
    }
    const auto names = varying(plan);
    const bool with_seeds = seeds_vary(plan);
    const int cell = sheet_cell(plan.pictures.size());
    std::vector<SheetEntry> entries;
    for (const Planned& picture : plan.pictures)
        entries.push_back({thumbnail(read_picture(picture.path()), cell),
                           fmt::format("{}", fmt::join(label(picture, names, with_seeds), "\n"))});
    const std::size_t row = plan.asked.back().row;
    const bool one_grid = row > 1 && plan.asked.size() == plan.pictures.size() && entries.size() % row == 0 &&
                          std::ranges::all_of(plan.asked, [&](const auto& asked) { return asked.row == row; });
    const auto columns = one_grid ? row : static_cast<std::size_t>(std::ceil(std::sqrt(entries.size())));
    const fs::path path = sheet_path(run, plan);
    write_picture(path, contact_sheet(entries, static_cast<int>(columns)), std::string(sheet_mark),
                  OutputFile::IfExists::replace);
    if (run.json)
        print_json({{"event", "sheet"}, {"path", path.string()}});
    else if (!run.quiet)
        fmt::print("{} (contact sheet)\n", path.string());
}

void run_job(const RunOptions& run, std::stop_token stop) {
    const Reporting reporting = run.quiet ? Reporting::quiet : run.json ? Reporting::json : Reporting::human;
    CompilationGuard guard(stop);
    const Callbacks callbacks = guard.watch(report_progress(reporting));
    Plan plan = plan_job(run, callbacks);
    const bool with_sheet = plan.pictures.size() > 1 && !run.no_sheet;
    if (with_sheet && !run.dry_run) check_sheet(run, plan);

    LastEngine engine(callbacks, stop);
    const std::vector<Planned*> ordered = by_engine(plan);
    for (Planned* picture : ordered) at(*picture->asked, [&] { picture->state = look(*picture, engine, stop); });
    if (run.dry_run) return list(plan, run.json);
    for (const Planned* picture : ordered)
        if (picture->state == State::other && !picture->options.overwrite)
            fail("{}: is in the way, being another picture than the job asks for; move it, or use --overwrite",
                 picture->path().string());

    bool drawn_any = false;
    for (Planned* picture : ordered) {
        if (picture->state == State::done) {
            if (callbacks.note) callbacks.note(fmt::format("{}: is there already", picture->path().string()));
            continue;
        }
        at(*picture->asked, [&] {
            Request request = picture->request;
            add_pictures(picture->options, request, callbacks, stop);
            const Result drawn = draw(engine.for_picture(*picture), request, picture->options, *picture->files,
                                      picture->index, callbacks, stop);
            picture->request.seed = drawn.seed;
            note_differences(picture->options, drawn, callbacks);
            drawn_any = true;
        });
    }
    std::error_code ignored;
    if (with_sheet && (drawn_any || !fs::exists(sheet_path(run, plan), ignored))) write_sheet(run, plan, callbacks);
}

}  // namespace

void add_run(CLI::App& app, std::stop_token stop) {
    CLI::App* command = app.add_subcommand("run", "Draw the pictures of a job file, and a contact sheet of them");
    command->footer(std::string(examples));
    const auto options = std::make_shared<RunOptions>();
    command->add_option("job", options->job, "A TOML file with the long flags of generate as keys (docs/jobs.md)")
        ->required();
    command->add_flag("--dry-run", options->dry_run, "List what would be drawn, and draw nothing");
    command->add_option("--sheet", options->sheet,
                        "The contact sheet to write; else JOB-sheet.png beside the first picture");
    command->add_flag("--no-sheet", options->no_sheet, "Write no contact sheet");
    command->add_flag("--overwrite", options->overwrite, "Replace other pictures that are in the way");
    command->add_flag("--quiet", options->quiet, "Say nothing but errors");
    command->add_flag("--json", options->json, "Tell of the work as JSON, an object a line, on standard output");
    command->callback([options, stop] { run_job(*options, stop); });
}

}  // namespace easel::cli
