#include "jobs/plan.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"
#include "base/output_name.h"
#include "collection/control_files.h"
#include "jobs/labels.h"
#include "jobs/output_paths.h"
#include "jobs/sheet.h"
#include "settings/table.h"

namespace easel::jobs {
namespace fs = std::filesystem;
namespace {

/// Which model and which compiled networks the picture needs.
Work work_of(const Drawing& drawing) {
    Work work{.engine = drawing.engine.model.string(), .size = {}};
    for (const Setting<EngineOptions>& setting : engine_settings_table())
        work.engine += "\n" + text_of(setting, get(drawing.engine, setting)).value_or("");
    // A size that is not asked for is the model's own, or follows from the init picture.
    const auto side = [](const std::optional<int>& asked) { return asked ? fmt::format("{}", *asked) : ""; };
    work.size = fmt::format("{}x{} {}", side(drawing.request.width), side(drawing.request.height),
                            drawing.inputs.init_image.string());
    constexpr int guessed_side = 512, guessed_steps = 20;  // where the model, or the init picture, decides
    const Request& request = drawing.request;
    work.weight = static_cast<std::uint64_t>(request.width.value_or(guessed_side)) *
                  static_cast<std::uint64_t>(request.height.value_or(guessed_side)) *
                  static_cast<std::uint64_t>(request.num_inference_steps.value_or(guessed_steps));
    return work;
}

Drawing read(const JobPicture& asked, const PlanOptions& options, const Note& note) {
    Drawing drawing = read_drawing(asked.settings, options.standard, note);
    const InputFiles& inputs = drawing.inputs;
    for (const auto& [field, path] : {std::pair("init_image", inputs.init_image), std::pair("mask", inputs.mask)})
        if (is_stream(path)) refuse_value(field, path.string(), "a job may read it more than once; give a file");
    for (const fs::path& path : control_pictures(drawing.request))
        if (is_stream(path)) refuse_value("controls", path.string(), "a job may read it more than once; give a file");
    OutputNames& outputs = drawing.outputs;
    outputs.overwrite |= options.overwrite;
    if (outputs.output.empty()) outputs.output = name_from_prompt(drawing.request.prompt) + ".png";
    return drawing;
}

std::vector<PlannedPicture> planned(std::span<const JobPicture> asked, const PlanOptions& options, const Note& note) {
    std::vector<PlannedPicture> pictures;
    for (std::size_t i = 0; i < asked.size(); ++i) {
        at(asked[i], [&] {
            Drawing drawing = read(asked[i], options, note);
            const int count = std::exchange(drawing.batch_count, 1);
            if (pictures.size() + static_cast<std::size_t>(count) > largest_batch)
                fail_usage("the job asks for more than {} pictures", largest_batch);
            for (int picture = 0; picture < count; ++picture) {
                pictures.push_back({.asked = i, .drawing = drawing, .work = work_of(drawing)});
                if (drawing.request.seed) ++*drawing.request.seed;
            }
        });
    }
    return pictures;
}

/// Names the files; pictures that share a name are numbered.
void name_files(Plan& plan) {
    std::map<std::tuple<fs::path, fs::path, fs::path>, std::vector<PlannedPicture*>> groups;
    for (PlannedPicture& picture : plan.pictures) {
        const OutputNames& names = picture.drawing.outputs;
        groups[{names.output, names.save_latents, names.save_mask}].push_back(&picture);
    }
    std::set<fs::path> paths;
    for (const auto& [names, group] : groups) {
        Drawing drawing = group.front()->drawing;
        drawing.outputs.overwrite = true;  // find_states() judges what is there already
        at(plan.asked[group.front()->asked], [&, &pictures = group] {
            const std::vector<OutputFiles> files = output_files(drawing, static_cast<int>(pictures.size()));
            for (std::size_t i = 0; i < pictures.size(); ++i) {
                pictures[i]->files = files[i];
                pictures[i]->files.metadata = pictures[i]->drawing.outputs.metadata;
                if (!paths.insert(files[i].picture.lexically_normal()).second)
                    fail_usage("two pictures of the job would be {}; give them other names with `output`",
                               files[i].picture.string());
            }
        });
    }
}

/// Throws Error if a picture would replace what another is drawn from.
void check_inputs(const Plan& plan) {
    std::vector<Input> inputs;
    std::set<fs::path> known;
    for (const PlannedPicture& picture : plan.pictures) {
        const InputFiles& files = picture.drawing.inputs;
        for (const auto& [field, path] : {std::pair("init_image", files.init_image), std::pair("mask", files.mask)})
            if (!path.empty() && known.insert(path).second) inputs.push_back({field, path});
        for (const fs::path& path : control_pictures(picture.drawing.request))
            if (known.insert(path).second) inputs.push_back({"controls", path});
    }
    for (const PlannedPicture& picture : plan.pictures)
        at(plan.asked[picture.asked], [&] { check_apart("output", picture.files.picture, inputs); });
}

}  // namespace

Plan plan_job(std::vector<JobPicture> asked, const PlanOptions& options, const Note& note) {
    Plan plan{.name = options.name, .asked = std::move(asked)};
    plan.pictures = planned(plan.asked, options, note);
    name_files(plan);
    check_inputs(plan);
    add_labels(plan);

    std::vector<Work> work;
    for (const PlannedPicture& picture : plan.pictures) work.push_back(picture.work);
    plan.order = drawing_order(work);

    if (options.with_sheet && plan.pictures.size() > 1) {
        plan.sheet = options.sheet.empty()
                         ? plan.pictures.front().files.picture.parent_path() / (options.name + "-sheet.png")
                         : options.sheet;
        check_sheet(plan, options.overwrite);
    }
    return plan;
}

void take_share(Plan& plan, const Share& share) {
    std::vector<std::uint64_t> weights;
    for (const std::size_t index : plan.order) weights.push_back(plan.pictures[index].work.weight);
    const std::vector<std::size_t> parts = parts_of(weights, share.count);
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < parts.size(); ++i)
        if (parts[i] == share.index) order.push_back(plan.order[i]);
    plan.order = std::move(order);
    plan.sheet.reset();
}

}  // namespace easel::jobs
