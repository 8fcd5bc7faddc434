#include "cli/job_plan.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "base/error.h"
#include "base/files.h"
#include "base/output_name.h"
#include "cli/output_paths.h"
#include "cli/parse_errors.h"

namespace easel::cli {
namespace fs = std::filesystem;
namespace {

/// The picture's settings, read as the command line reads them.
PlannedPicture read(const JobPicture& picture, const RunOptions& run, const Callbacks& callbacks) {
    PlannedPicture planned{.asked = &picture};
    GenerateOptions& options = planned.options;
    options.standard_input_is_read = true;  // is not a job's to read
    CLI::App command("", "easel generate");
    add_flags(command, options);
    std::vector<std::string> arguments = picture.arguments(command);
    std::ranges::reverse(arguments);
    try {
        command.parse(arguments);
    } catch (const CLI::ParseError& error) {
        fail_usage("{}", sentence_of(error, command));
    }
    complete_from_picture(command, options, callbacks);
    for (const auto& [field, path] : {std::pair("init_image", options.init_image), std::pair("mask", options.mask)})
        if (is_stream(path)) refuse_value(field, path, "a job may read it more than once; give a file");
    options.overwrite |= run.overwrite;
    options.quiet |= run.quiet;
    options.json |= run.json;
    planned.request = request_of(options);
    if (options.output.empty()) options.output = name_from_prompt(planned.request.prompt) + ".png";
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
    JobPlan plan{.asked = read_job(run.job, command)};
    for (const JobPicture& asked : plan.asked) {
        at(asked, [&] {
            PlannedPicture picture = read(asked, run, callbacks);
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
    check_inputs(plan);
    return plan;
}

std::vector<PlannedPicture*> by_engine(JobPlan& plan) {
    std::vector<std::vector<PlannedPicture*>> groups;
    for (PlannedPicture& picture : plan.pictures) {
        const auto same = std::ranges::find_if(
            groups, [&](const auto& group) { return group.front()->engine_key() == picture.engine_key(); });
        if (same == groups.end())
            groups.push_back({&picture});
        else
            same->push_back(&picture);
    }
    std::vector<PlannedPicture*> ordered;
    for (const auto& group : groups) ordered.insert(ordered.end(), group.begin(), group.end());
    return ordered;
}

}  // namespace easel::cli
