#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <easel/easel.h>

#include "base/process.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/interruption.h"
#include "cli/model_options.h"
#include "cli/setting_options.h"
#include "settings/table.h"

namespace easel::cli {
namespace {

struct BenchOptions {
    ModelOptions model;
    Request request{.prompt = "a photograph of an astronaut riding a horse", .negative_prompt = "blurry", .seed = 42};
    int pictures = 2;
    bool plain_networks = false;
    bool json = false;
};

const Setting<BenchOptions> pictures_setting = {
    {.field = "pictures",
     .flags = "--pictures",
     .kind = WholeNumber{1, 10'000},
     .help = "The number of pictures; the first one warms up, the fastest of the others counts"},
    &BenchOptions::pictures};

/// A point in time, by the clock and in processor time.
struct Moment {
    std::chrono::steady_clock::time_point wall = std::chrono::steady_clock::now();
    double cpu = cpu_seconds();
};

struct Elapsed {
    double wall = 0.0;
    double cpu = 0.0;
};

Elapsed between(const Moment& begin, const Moment& end) {
    return {std::chrono::duration<double>(end.wall - begin.wall).count(), end.cpu - begin.cpu};
}

/// When each stage began, and each of its steps ended.
class Record {
  public:
    void operator()(const Progress& progress) {
        auto& moments = stages_[static_cast<std::size_t>(progress.stage)];
        if (progress.step == 0) moments.clear();
        moments.emplace_back();
    }

    Elapsed stage(Stage stage) const {
        const auto& moments = stages_[static_cast<std::size_t>(stage)];
        return moments.empty() ? Elapsed{} : between(moments.front(), moments.back());
    }

    /// The median over the stage's steps.
    Elapsed step(Stage stage) const {
        const auto& moments = stages_[static_cast<std::size_t>(stage)];
        std::vector<double> wall, cpu;
        for (std::size_t i = 1; i < moments.size(); ++i) {
            const Elapsed step = between(moments[i - 1], moments[i]);
            wall.push_back(step.wall);
            cpu.push_back(step.cpu);
        }
        return {median(wall), median(cpu)};
    }

  private:
    static double median(std::vector<double> values) {
        if (values.empty()) return 0.0;
        std::ranges::sort(values);
        const std::size_t middle = values.size() / 2;
        return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }

    std::vector<Moment> stages_[static_cast<std::size_t>(Stage::enlarge) + 1];
};

nlohmann::ordered_json measure(const BenchOptions& options, std::stop_token stop) {
    Record record;
    const Callbacks callbacks{.progress = [&record](const Progress& progress) { record(progress); }};
    const Moment begin;
    EngineOptions engine_options = options.model.engine_options(stop);
    engine_options.plain_networks = options.plain_networks;
    UntilInterrupted<Engine> opened(stop, engine_options, callbacks, stop);
    Engine& engine = *opened;

    nlohmann::ordered_json measured;
    double best = 0.0;
    for (int i = 0; i < options.pictures; ++i) {
        const Moment picture_begin;
        const Result drawn = engine.generate(options.request, callbacks, stop);
        const Moment picture_end;
        if (i == 0) {  // loading and compiling happen once
            measured["load_seconds"] = record.stage(Stage::load).wall;
            measured["compile_seconds"] = record.stage(Stage::compile).wall;
            measured["first_picture_seconds"] = between(begin, picture_end).wall;
        }
        const Elapsed whole = between(picture_begin, picture_end);
        // The first picture warms up, unless it is the only one; the fastest of the others counts.
        if (i > 1 && whole.wall >= best) continue;
        best = i == 0 ? 0.0 : whole.wall;
        const Elapsed step = record.step(Stage::denoise);
        const Elapsed decode = record.stage(Stage::decode);
        measured["text_seconds"] = record.stage(Stage::text).wall;
        measured["unet_step_seconds"] = step.wall;
        measured["unet_step_cpu_seconds"] = step.cpu;
        measured["decode_seconds"] = decode.wall;
        measured["decode_cpu_seconds"] = decode.cpu;
        measured["picture_seconds"] = whole.wall;
        measured["picture_cpu_seconds"] = whole.cpu;
        measured["width"] = drawn.picture.width;
        measured["height"] = drawn.picture.height;
    }
    measured["peak_memory_bytes"] = peak_memory_bytes();
    measured["precision"] = engine.precision();
    return measured;
}

void bench(const BenchOptions& options, std::stop_token stop) {
    const nlohmann::ordered_json measured = measure(options, stop);
    if (options.json) {
        print_out("{}\n", measured.dump());
        return;
    }
    for (const auto& [key, value] : measured.items()) print_out("{:24} {}\n", key, value.dump());
}

}  // namespace

void add_bench(CLI::App& app, std::stop_token stop) {
    CLI::App* command = app.add_subcommand("bench", "Measure the time and memory that a picture takes");
    const auto options = std::make_shared<BenchOptions>();
    options->model.add_model_to(*command);
    const auto add = [&](std::string_view field, const std::string& help) {
        add_setting(*command, setting(field), options->request)->description(help);
    };
    add("width", "Pixels (default: the model's native size)");
    add("height", "Pixels");
    add("num_inference_steps", "Denoising steps of a picture");
    add("guidance_scale", "1 switches guidance off, which halves the work");
    add("sampler", "The sampler; see `easel help generate`");
    add("loras", "FILE[:WEIGHT[:TEXT_WEIGHT]], a LoRA to merge (repeatable)");
    add("controls", "MODEL:PICTURE[:SCALE[:START[:END]]], a ControlNet to follow (repeatable)");
    add_setting(*command, pictures_setting, *options);
    options->model.add_runtime_to(*command);
    options->model.add_refiner_to(*command);
    command->add_flag("--plain-networks", options->plain_networks, "Run the networks without easel's optimizations");
    command->add_flag("--json", options->json, "Print one JSON object");
    command->callback([options, stop] { bench(*options, stop); });
}

}  // namespace easel::cli
