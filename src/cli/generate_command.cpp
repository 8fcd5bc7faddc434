#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <easel/easel.h>

#include "base/error.h"
#include "base/process.h"
#include "cli/commands.h"
#include "cli/interruption.h"
#include "cli/model_options.h"
#include "cli/output_paths.h"
#include "cli/progress.h"
#include "cli/shipped_models.h"
#include "pictures/format.h"
#include "pictures/read.h"
#include "pictures/write.h"
#include "pipeline/person_mask.h"
#include "pipeline/settings.h"
#include "weights/safetensors.h"

namespace easel::cli {
namespace fs = std::filesystem;
namespace {

constexpr int largest_batch = 10000;

constexpr std::string_view examples = R"(Examples:
  easel "cat face" --seed 7 -b 4              four pictures, seeds 7 to 10
  easel -p "a castle" -n blurry -m sd15/ --sampler euler_a --steps 30 -o castle.png
  easel "a castle in winter" -i castle.png --strength 0.5
  easel "a tower" -i castle.png --mask tower.png --mask-blur 4 -o towers/%03d.jpg -b 8)";

/// The flags of `generate`.
struct GenerateOptions {
    ModelOptions model;
    Request request;
    std::string positional_prompt;
    std::int64_t seed = -1;
    std::string rng = "torch";
    std::string init_image, mask, auto_mask, save_mask;
    PersonMaskOptions person;
    bool no_composite = false;
    int batch_count = 1;
    std::string output;
    bool overwrite = false;
    std::string save_latents;
    bool no_metadata = false;
    bool show = false, quiet = false, json = false;
};

void add_flags(CLI::App& command, GenerateOptions& options) {
    Request& request = options.request;
    command.add_option("words", options.positional_prompt, "What to draw, the same as --prompt");
    command.add_option("-p,--prompt", request.prompt, "What to draw");
    command.add_option("-n,--negative-prompt", request.negative_prompt,
                       "What to keep away from; needs a guidance scale above 1");
    options.model.add_model_to(command);

    command.add_option(
        "-o,--output", options.output,
        "The file to write: .png, .jpg or .webp. %d becomes the picture's number. Else a new name is made "
        "from the prompt");
    command.add_flag("--overwrite", options.overwrite, "Replace the file when it exists");
    command.add_option("-W,--width", request.width, "Pixels, a multiple of the VAE's factor (8), at most 4096");
    command.add_option("-H,--height", request.height,
                       "The same for the height; the model's native size when not given");
    command.add_option("-b,--batch-count", options.batch_count, "How many pictures, of seed, seed + 1, ...")
        ->capture_default_str();
    command.add_option("--seed", options.seed, "0 to 4294967295; -1 for a random one")->capture_default_str();
    command.add_option("--rng", options.rng, "Whose random numbers: torch or numpy")->capture_default_str();

    command.add_option("--num-inference-steps,--steps", request.num_inference_steps,
                       "1 to 1000; else the model's own, 32, or 20 for a single file");
    command.add_option("--guidance-scale,--cfg-scale", request.guidance_scale,
                       "How closely to follow the prompt; 1 or less leaves guidance out; else the model's own or 7.5");
    command.add_option("--sampler", request.sampler, fmt::format("One of {}", fmt::join(sampler_names(), ", ")));
    command.add_option("--schedule", request.schedule, "Where the steps lie: discrete or karras");
    command.add_option("--eta", request.eta, "Of ddim: 0 draws no noise on the way, 1 as much as ddpm")
        ->capture_default_str();
    command.add_option("--scheduler-config", request.scheduler_config,
                       "A diffusers scheduler_config.json to use in place of the model's own");
    command.add_option("--beta-start", request.beta_start, "Noise added by the first training step");
    command.add_option("--beta-end", request.beta_end, "Noise added by the last training step");
    command.add_option("--beta-schedule", request.beta_schedule, "linear, scaled_linear or squaredcos_cap_v2");
    command
        .add_option("--clip-skip", request.clip_skip,
                    "The text encoder's layer to use, counted from the last, which is 1")
        ->capture_default_str();

    auto* init_image =
        command.add_option("-i,--init-image", options.init_image, "A picture to begin from: PNG, JPEG or WebP");
    command.add_option("--strength", request.strength, "How far to leave it: 0 not at all, 1 entirely")
        ->capture_default_str();
    auto* mask =
        command.add_option("--mask", options.mask, "A picture whose white is repainted and whose black is kept");
    auto* auto_mask = command
                          .add_option("--auto-mask", options.auto_mask,
                                      "Find the person in the init image; repaint the person, or the background")
                          ->check(CLI::IsMember({"person", "background"}))
                          ->needs(init_image)
                          ->excludes(mask);
    command
        .add_option("--mask-threshold,--threshold", options.person.threshold,
                    "The probability above which a pixel belongs to the person, 0 to 1")
        ->capture_default_str()
        ->needs(auto_mask);
    command.add_option("--mask-grow,--grow", options.person.grow, "Pixels by which to widen what is repainted")
        ->capture_default_str()
        ->needs(auto_mask);
    command.add_option("--save-mask", options.save_mask, "Also write the mask that is used to this file");
    command.add_option("--mask-blur", request.mask_blur, "Softens the mask's edge in the paste, in pixels")
        ->capture_default_str();
    command.add_flag("--no-composite", options.no_composite,
                     "Give the decoded picture as it is, not pasted into the input");

    options.model.add_runtime_to(command);
    command.add_option("--save-latents", options.save_latents,
                       "Also write the final latents to this .safetensors file");
    command.add_flag("--no-metadata", options.no_metadata, "Store no settings in the picture");
    command.add_flag("--show", options.show, "Open the picture with the desktop's viewer");
    command.add_flag("--quiet", options.quiet, "Say nothing but errors");
    command.add_flag("--json", options.json, "Tell of the work as JSON, an object a line, on standard output");
}

Mask automatic_mask(const GenerateOptions& options, const Picture& picture, std::stop_token stop) {
    PersonMaskOptions person = options.person;
    person.invert = options.auto_mask == "background";
    PersonFinder finder(person_network(/*landscape=*/false), options.model.device, options.model.threads);
    return finder.mask(picture, person, stop);
}

/// What the flags ask for, checked as far as they can be without the model.
Request complete_request(const GenerateOptions& options, const Callbacks& callbacks, std::stop_token stop) {
    Request request = options.request;
    if (!options.positional_prompt.empty()) {
        if (!request.prompt.empty())
            fail_usage("the prompt is given twice, with and without --prompt; put one with several words in quotes");
        request.prompt = options.positional_prompt;
    }
    if (options.seed < -1 || options.seed > std::numeric_limits<std::uint32_t>::max())
        fail_usage("--seed {}: give a whole number from 0 to 4294967295, or -1 for a random one", options.seed);
    if (options.seed >= 0) request.seed = static_cast<std::uint32_t>(options.seed);
    if (options.rng != "torch" && options.rng != "numpy") fail_usage("--rng {}: use torch or numpy", options.rng);
    request.rng = options.rng == "torch" ? Rng::torch : Rng::numpy;
    if (options.batch_count < 1 || options.batch_count > largest_batch)
        fail_usage("--batch-count {}: give a whole number from 1 to {}", options.batch_count, largest_batch);
    request.composite = !options.no_composite;
    if (!options.mask.empty() && options.init_image.empty())
        fail_usage("--mask: a mask needs the picture that it is for; give it with --init-image");
    if (!options.init_image.empty()) request.init_image = read_picture(options.init_image, callbacks.note);
    if (!options.mask.empty()) request.mask = read_mask(options.mask, callbacks.note);
    if (!options.auto_mask.empty()) request.mask = automatic_mask(options, *request.init_image, stop);
    return request;
}

/// Where the pictures and, if asked for, their latents go.
struct Outputs {
    std::vector<fs::path> pictures, latents;
    OutputFile::IfExists if_exists;
};

Outputs outputs(const GenerateOptions& options, const std::string& prompt) {
    Outputs found;
    found.if_exists = options.overwrite ? OutputFile::IfExists::replace : OutputFile::IfExists::refuse;
    if (options.output.empty()) {
        found.pictures = free_paths(prompt, options.batch_count);
    } else {
        format_of_path(options.output);
        found.pictures = numbered_paths(options.output, options.batch_count, found.if_exists);
    }
    if (!options.save_latents.empty()) {
        if (!options.save_latents.ends_with(".safetensors"))
            fail_usage("--save-latents {}: give a name that ends in .safetensors", options.save_latents);
        found.latents = numbered_paths(options.save_latents, options.batch_count, found.if_exists);
    }
    if (!options.save_mask.empty()) {
        if (options.mask.empty() && options.auto_mask.empty())
            fail_usage("--save-mask {}: there is no mask; give --auto-mask or --mask", options.save_mask);
        if (std::ranges::find(found.pictures, fs::path(options.save_mask)) != found.pictures.end())
            fail_usage("--save-mask {}: this is also a picture's name; give another", options.save_mask);
        format_of_path(options.save_mask);
        check_writable(options.save_mask, found.if_exists);
    }
    return found;
}

void write_latents(const fs::path& path, const Latents& latents, OutputFile::IfExists if_exists) {
    const TensorView tensor{.name = "latents",
                            .dtype = DType::F32,
                            .shape = {1, latents.channels, latents.height, latents.width},
                            .bytes = std::as_bytes(std::span(latents.values))};
    write_safetensors(path, std::span(&tensor, 1), {}, if_exists);
}

void generate(const GenerateOptions& options, std::stop_token stop) {
    const Reporting reporting = options.quiet ? Reporting::quiet : options.json ? Reporting::json : Reporting::human;
    CompilationGuard guard(stop);
    const Callbacks callbacks = guard.watch(report_progress(reporting));
    Request request = complete_request(options, callbacks, stop);
    check(request);
    const Outputs files = outputs(options, request.prompt);

    Engine engine(options.model.engine_options(), callbacks);
    for (int i = 0; i < options.batch_count; ++i) {
        const auto index = static_cast<std::size_t>(i);
        const Result drawn = engine.generate(request, callbacks, stop);
        if (i == 0 && !options.save_mask.empty()) write_mask(options.save_mask, *request.mask, files.if_exists);
        write_picture(files.pictures[index], drawn.picture, options.no_metadata ? "" : drawn.parameters,
                      files.if_exists);
        if (!files.latents.empty()) write_latents(files.latents[index], drawn.latents, files.if_exists);
        report_picture(reporting, files.pictures[index].string(), drawn);
        if (options.show) open_with_viewer(files.pictures[index]);
        request.seed = drawn.seed + 1;  // past the greatest seed they begin again at 0
    }
}

}  // namespace

void add_generate(CLI::App& app, std::stop_token stop) {
    CLI::App* command = app.add_subcommand("generate", "Draw pictures (what happens when no sub-command is named)");
    command->footer(std::string(examples));
    const auto options = std::make_shared<GenerateOptions>();
    add_flags(*command, *options);
    command->callback([command, options, stop] {
        if (command->count("--prompt") + command->count("words") == 0)
            fail_usage("there is no prompt; say what to draw, as in easel \"cat face\"");
        generate(*options, stop);
    });
}

}  // namespace easel::cli
