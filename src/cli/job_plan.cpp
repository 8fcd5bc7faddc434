#include "cli/job_plan.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"
#include "base/output_name.h"
#include "cli/parse_errors.h"
#include "jobs/output_paths.h"

namespace easel::cli {
namespace fs = std::filesystem;
namespace {

/// The keys of a job file: the command's flags.
std::vector<jobs::Key> keys_of(const CLI::App& command) {
    std::vector<jobs::Key> keys;
    for (const CLI::Option* option : command.get_options())
        if (!option->get_lnames().empty() && option != command.get_help_ptr())
            keys.push_back({option->get_lnames(), option->get_items_expected_max() == 0});
    return keys;
}

/// The picture's settings as the command line has them.
std::vector<std::string> arguments(const JobPicture& picture, const CLI::App& command) {
    std::vector<std::string> words;
    for (const auto& [name, value] : picture.settings) {
        const bool is_truth = command.get_option("--" + name)->get_items_expected_max() == 0;
        if (is_truth && value == "false") continue;
        if (!is_truth && value.empty()) {  // what "--name=" would mean to CLI11 is a missing value
            words.push_back("--" + name);
            words.emplace_back();
        } else {
            words.push_back(is_truth ? "--" + name : fmt::format("--{}={}", name, value));
        }
    }
    return words;
}

/// What decides which model and which compiled networks the picture needs.
jobs::Work work_of(const PlannedPicture& picture) {
    const GenerateOptions& options = picture.options;
    const ModelOptions& model = options.model;
    const auto side = [](const std::optional<int>& asked) { return asked ? fmt::format("{}", *asked) : ""; };
    return {
        .engine = fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}", model.model, model.runtime.tokenizer.string(),
                              model.runtime.device, model.runtime.precision, model.runtime.threads,
                              model.runtime.vae_precision, model.runtime.max_memory),
        // A size that is not asked for is the model's own, or follows from the init picture.
        .size = fmt::format("{}x{} {}", side(picture.request.width), side(picture.request.height), options.init_image)};
}

/// The picture's settings, read as the command line reads them.
PlannedPicture read(const JobPicture& picture, const RunOptions& run, const Callbacks& callbacks) {
    PlannedPicture planned{.asked = &picture};
    GenerateOptions& options = planned.options;
    options.standard_input_is_read = true;  // is not a job's to read
    CLI::App command("", "easel generate");
    add_flags(command, options);
    std::vector<std::string> words = arguments(picture, command);
    std::ranges::reverse(words);
    try {
        command.parse(words);
    } catch (const CLI::ParseError& error) {
        throw error_of(error, command);
    }
    complete_from_files(command, options, callbacks);
    for (const auto& [field, path] : {std::pair("init_image", options.init_image), std::pair("mask", options.mask)})
        if (is_stream(path)) refuse_value(field, path, "a job may read it more than once; give a file");
    options.overwrite |= run.overwrite;
    options.quiet |= run.quiet;
    options.json |= run.json;
    planned.request = request_of(options);
    planned.work = work_of(planned);
    if (options.output.empty()) options.output = jobs::name_from_prompt(planned.request.prompt) + ".png";
    return planned;
}

/// Numbers the pictures that have one name in common.
void name_files(JobPlan& plan) {
    std::map<std::tuple<std::string, std::string, std::string>, std::vector<PlannedPicture*>> groups;
    for (PlannedPicture& picture : plan.pictures) {
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

/// Throws Error when a picture would replace what another is drawn from.
void check_inputs(const JobPlan& plan) {
    std::vector<Input> inputs;
    std::set<std::string> known;
    for (const PlannedPicture& picture : plan.pictures)
        for (const auto& [field, path] :
             {std::pair("init_image", picture.options.init_image), std::pair("mask", picture.options.mask)})
            if (!path.empty() && known.insert(path).second) inputs.push_back({field, path});
    for (const PlannedPicture& picture : plan.pictures)
        at(*picture.asked, [&] { check_apart("output", picture.path(), inputs); });
}

}  // namespace

JobPlan plan_job(const RunOptions& run, const Callbacks& callbacks) {
    CLI::App command("", "easel generate");
    GenerateOptions unused;
    add_flags(command, unused);
    JobPlan plan{.asked = jobs::read_job(run.job, keys_of(command))};
    for (const JobPicture& asked : plan.asked) {
        at(asked, [&] {
            PlannedPicture picture = read(asked, run, callbacks);
            const int count = std::exchange(picture.options.batch_count, 1);
            if (plan.pictures.size() + static_cast<std::size_t>(count) > jobs::largest_batch)
                fail_usage("the job asks for more than {} pictures", jobs::largest_batch);
            for (int i = 0; i < count; ++i) {
                plan.pictures.push_back(picture);
                if (picture.request.seed) ++*picture.request.seed;
            }
        });
    }
    name_files(plan);
    check_inputs(plan);
    return plan;
}

std::vector<PlannedPicture*> in_drawing_order(JobPlan& plan) {
    std::vector<jobs::Work> work;
    for (const PlannedPicture& picture : plan.pictures) work.push_back(picture.work);
    std::vector<PlannedPicture*> ordered;
    for (const std::size_t index : jobs::drawing_order(work)) ordered.push_back(&plan.pictures[index]);
    return ordered;
}

}  // namespace easel::cli
