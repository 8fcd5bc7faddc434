#include "cli/generate_options.h"

#include <cstdio>
#include <iostream>
#include <iterator>
#include <limits>
#include <optional>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "base/files.h"
#include "jobs/job_file.h"
#include "person/shipped_networks.h"
#include "pictures/parameters.h"
#include "pictures/read.h"
#include "settings/settings.h"
#include "settings/stored_settings.h"

namespace easel::cli {
namespace {

constexpr std::size_t longest_prompt = 1u << 20;

std::string standard_input() {
    std::string text(longest_prompt + 1, '\0');
    std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::cin.gcount()));
    if (text.size() > longest_prompt) fail("standard input has more than 1 MB, which is no prompt");
    return text;
}

/// A prompt as it is given: itself, or where it is to be read from. The line break that ends a file is no part of it.
std::string prompt_text(const std::string& given, GenerateOptions& options) {
    if (given.starts_with("@@")) return given.substr(1);
    std::string text;
    if (given == "-") {
        if (options.standard_input_is_read)
            fail_usage("the prompt -: standard input can be read for one prompt of easel generate alone");
        options.standard_input_is_read = true;
        text = standard_input();
    } else if (given.starts_with('@')) {
        text = read_text_file(given.substr(1), longest_prompt);
    } else {
        return given;
    }
    if (text.starts_with("\xef\xbb\xbf")) text.erase(0, 3);  // the byte order mark of some editors
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    return text;
}

std::string stored_text(const std::string& path) {
    const auto text = read_parameters(path);
    if (!text) fail("`params_from` {}: no settings are stored in this picture", path);
    return *text;
}

Mask automatic_mask(const GenerateOptions& options, const Picture& picture, std::stop_token stop) {
    PersonMaskOptions person = options.person;
    person.invert = options.auto_mask == "background";
    PersonFinder finder(person_network(/*landscape=*/false), options.model.device, options.model.threads);
    return finder.mask(picture, person, stop);
}

std::optional<std::string> value_of(const std::string& key,
                                    const std::vector<std::pair<std::string, std::string>>& entries) {
    for (const auto& [name, value] : entries)
        if (name == key) return value;
    return std::nullopt;
}

}  // namespace

void add_flags(CLI::App& command, GenerateOptions& options) {
    Request& request = options.request;
    const auto prompt = [&options](const std::string& given) { return prompt_text(given, options); };
    command.add_option("words", options.positional_prompt, "What to draw, the same as --prompt")->transform(prompt, "");
    command
        .add_option("-p,--prompt", request.prompt,
                    "What to draw. @FILE takes it from a file, - from standard input; @@ begins a prompt with @")
        ->transform(prompt, "");
    command
        .add_option("-n,--negative-prompt", request.negative_prompt,
                    "What to keep away from; needs a guidance scale above 1. @FILE and - as of --prompt")
        ->transform(prompt, "");
    command.add_option("--params-from", options.params_from,
                       "Draw with the settings stored in this picture; flags override them");
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
    command.add_option("--rng", options.rng, "Whose noise to begin from: torch or numpy")->capture_default_str();

    command.add_option("--num-inference-steps,--steps", request.num_inference_steps,
                       "1 to 1000; else the model's own, 32, or 20 for a single file");
    command.add_option("--guidance-scale,--cfg-scale", request.guidance_scale,
                       "How closely to follow the prompt; 1 or less leaves guidance out; else the model's own or 7.5");
    command.add_option("--sampler", request.sampler, fmt::format("One of {}", fmt::join(sampler_names(), ", ")));
    command.add_option("--schedule", request.schedule,
                       "Whether the steps lie as Karras et al. place them: karras or discrete");
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

void complete_from_picture(CLI::App& command, GenerateOptions& options, const Callbacks& callbacks) {
    const bool has_prompt = command.count("--prompt") + command.count("words") > 0;
    if (options.params_from.empty()) {
        if (!has_prompt) fail_usage("there is no prompt; say what to draw, as in easel \"cat face\"");
        return;
    }
    StoredSettings stored =
        parse_parameters(stored_text(options.params_from), fmt::format("--params-from {}", options.params_from));
    options.request = std::move(stored.request);
    options.seed = options.request.seed ? std::int64_t{*options.request.seed} : -1;
    options.request.seed.reset();
    options.rng = options.request.rng == Rng::numpy ? "numpy" : "torch";
    options.no_composite = !options.request.composite;
    if (stored.precision) options.model.precision = *stored.precision;
    if (has_prompt) options.request.prompt.clear();
    if (command.count("--sampler") > 0) options.request.schedule = std::nullopt;
    if (command.count("--scheduler-config") > 0) options.request.sampler = options.request.schedule = std::nullopt;
    for (CLI::Option* flag : command.get_options())
        if (flag->count() > 0) flag->run_callback();

    if (!callbacks.note) return;
    for (const std::string& sentence : stored.notes)
        callbacks.note(fmt::format("{}: {}", options.params_from, sentence));
    const auto entries = parameters_entries(stored_text(options.params_from), options.params_from);
    const bool of_upscaling = value_of("Hires upscale", entries) || value_of("Hires resize", entries);
    if (options.init_image.empty() && value_of("Denoising strength", entries) && !of_upscaling)
        callbacks.note(fmt::format("{}: was drawn from a picture, which is not stored; give it with --init-image",
                                   options.params_from));
}

Request request_of(const GenerateOptions& options) {
    Request request = options.request;
    if (!options.positional_prompt.empty()) {
        if (!request.prompt.empty())
            fail_usage("the prompt is given twice, with and without --prompt; put one with several words in quotes");
        request.prompt = options.positional_prompt;
    }
    if (options.seed < -1 || options.seed > std::numeric_limits<std::uint32_t>::max())
        refuse_value("seed", options.seed, "give a whole number from 0 to 4294967295, or -1 for a random one");
    if (options.seed >= 0) request.seed = static_cast<std::uint32_t>(options.seed);
    if (options.rng != "torch" && options.rng != "numpy") refuse_value("rng", options.rng, "use torch or numpy");
    request.rng = options.rng == "torch" ? Rng::torch : Rng::numpy;
    if (options.batch_count < 1 || options.batch_count > jobs::largest_batch)
        refuse_value("batch_count", options.batch_count, "give a whole number from 1 to {}", jobs::largest_batch);
    request.composite = !options.no_composite;
    if (!options.mask.empty() && options.init_image.empty())
        refuse("mask", "it needs the picture that it is for; give that as `init_image`");
    check(request);
    return request;
}

void add_pictures(const GenerateOptions& options, Request& request, const Callbacks& callbacks, std::stop_token stop) {
    if ((options.standard_input_is_read ? 1 : 0) + (options.init_image == "-" ? 1 : 0) + (options.mask == "-" ? 1 : 0) >
        1)
        fail_usage("standard input can be read for one thing alone: a prompt, `init_image` or `mask`");
    if (!options.init_image.empty()) request.init_image = read_picture(options.init_image, callbacks.note);
    if (!options.mask.empty()) request.mask = read_mask(options.mask, callbacks.note);
    if (!options.auto_mask.empty()) request.mask = automatic_mask(options, *request.init_image, stop);
    check(request);
}

void note_differences(const GenerateOptions& options, const Result& drawn, const Callbacks& callbacks) {
    if (options.params_from.empty() || !callbacks.note) return;
    const auto stored = parameters_entries(stored_text(options.params_from), options.params_from);
    const auto ours = parameters_entries(drawn.parameters, "the picture");
    for (const std::string key : {"Model", "Timestep spacing", "Prediction type"}) {
        const auto theirs = value_of(key, stored);
        const std::string now = value_of(key, ours).value_or("the standard");
        if (theirs && *theirs != now)
            callbacks.note(
                fmt::format("{}: was drawn with {}: {:.80}, which is {} now", options.params_from, key, *theirs, now));
    }
}

}  // namespace easel::cli
