#include "cli/generate_options.h"

#include <optional>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include "base/error.h"
#include "cli/config_file.h"
#include "cli/prompt_source.h"
#include "cli/setting_options.h"
#include "jobs/job_file.h"
#include "person/shipped_networks.h"
#include "pictures/parameters.h"
#include "pictures/read.h"
#include "settings/stored_settings.h"
#include "settings/table.h"

namespace easel::cli {
namespace {

std::string stored_text(const std::string& path) {
    const auto text = read_parameters(path);
    if (!text) fail("`params_from` {}: no settings are stored in this picture", path);
    return *text;
}

Mask automatic_mask(const GenerateOptions& options, const Picture& picture, std::stop_token stop) {
    PersonMaskOptions person = options.person;
    person.invert = options.auto_mask == "background";
    const EngineOptions runtime = options.model.runtime_options();
    PersonFinder finder(person_network(/*landscape=*/false), runtime.device, runtime.threads);
    return finder.mask(picture, person, stop);
}

const Setting<GenerateOptions> batch_count_setting = {{.field = "batch_count",
                                                       .flags = "-b,--batch-count",
                                                       .kind = WholeNumber{1, jobs::largest_batch},
                                                       .help = "The number of pictures, with seeds N, N + 1, ..."},
                                                      &GenerateOptions::batch_count};

const Setting<PersonMaskOptions> person_settings[] = {
    {{.field = "threshold",
      .flags = "--mask-threshold,--threshold",
      .kind = RealNumber{0.0, 1.0},
      .help = "The probability above which a pixel belongs to the person, 0 to 1"},
     &PersonMaskOptions::threshold},
    {{.field = "grow",
      .flags = "--mask-grow,--grow",
      .kind = WholeNumber{0, 1000},
      .help = "Pixels by which to widen the repainted area"},
     &PersonMaskOptions::grow},
};

std::optional<std::string> value_of(const std::string& key,
                                    const std::vector<std::pair<std::string, std::string>>& entries) {
    for (const auto& [name, value] : entries)
        if (name == key) return value;
    return std::nullopt;
}

/// Leaves out what is stored about pictures to begin from, which are not stored, unless they are given.
void drop_what_needs_pictures(const CLI::App& command, GenerateOptions& options) {
    const bool has_mask = !options.mask.empty() || !options.auto_mask.empty();
    if (options.init_image.empty() && command.count("--strength") == 0) options.request.strength.reset();
    if (!has_mask && command.count("--mask-blur") == 0) options.request.mask_blur = 0.0;
    if (!has_mask && command.count("--no-composite") == 0) options.request.composite = true;
}

}  // namespace

void add_flags(CLI::App& command, GenerateOptions& options) {
    Request& request = options.request;
    const auto prompt = [&options](const std::string& given) {
        return prompt_text(given, options.standard_input_is_read);
    };
    command.add_option("words", options.positional_prompt, "What to draw; the same as --prompt")->transform(prompt, "");
    const auto add = [&](std::string_view field) {
        CLI::Option* option = add_setting(command, setting(field), request);
        if (std::holds_alternative<Text>(setting(field).kind)) option->transform(prompt, "");
    };
    add("prompt");
    add("negative_prompt");
    command.add_option("--params-from", options.params_from,
                       "Draw with the settings stored in this picture; flags override them");
    options.model.add_model_to(command);

    command.add_option(
        "-o,--output", options.output,
        "The file to write: .png, .jpg or .webp; %d becomes the picture's number (default: a new name, made "
        "from the prompt)");
    command.add_flag("--overwrite", options.overwrite, "Replace an existing file");
    add("width");
    add("height");
    add_setting(command, batch_count_setting, options);
    for (const std::string_view field :
         {"seed", "rng", "num_inference_steps", "guidance_scale", "sampler", "schedule", "eta", "scheduler_config",
          "beta_start", "beta_end", "beta_schedule", "prediction_type", "clip_skip"})
        add(field);

    auto* init_image = command.add_option("-i,--init-image", options.init_image,
                                          "A picture to start from: PNG, JPEG or WebP; - reads standard input");
    add("strength");
    auto* mask =
        command.add_option("--mask", options.mask, "A picture that is white where to repaint and black where to keep");
    auto* auto_mask = command
                          .add_option("--auto-mask", options.auto_mask,
                                      "Find the person in the init image, and repaint the person or the background")
                          ->check(CLI::IsMember({"person", "background"}))
                          ->needs(init_image)
                          ->excludes(mask);
    for (const Setting<PersonMaskOptions>& setting : person_settings)
        add_setting(command, setting, options.person)->needs(auto_mask);
    command.add_option("--save-mask", options.save_mask, "Also write the mask to this file");
    add("mask_blur");
    add("composite");

    options.model.add_runtime_to(command);
    command.add_option("--save-latents", options.save_latents,
                       "Also write the final latents to this .safetensors file");
    command.add_flag("--no-metadata", options.no_metadata, "Store no settings in the picture");
    command.add_flag("--show", options.show, "Open the picture with the desktop's viewer");
    command.add_flag("--quiet", options.quiet, "Print errors only");
    command.add_flag("--json", options.json, "Report on standard output as JSON, one object a line");
}

void complete_from_files(CLI::App& command, GenerateOptions& options, const Callbacks& callbacks) {
    const bool has_prompt = command.count("--prompt") + command.count("words") > 0;
    Request& request = options.request;
    request = {};
    std::optional<StoredSettings> stored;
    if (options.params_from.empty()) {
        apply_config(read_config(), request);
        if (!has_prompt && request.prompt.empty())
            fail_usage("there is no prompt; say what to draw, as in easel \"cat face\"");
    } else {
        stored =
            parse_parameters(stored_text(options.params_from), fmt::format("--params-from {}", options.params_from));
        request = stored->request;
        if (stored->precision) options.model.set_precision(*stored->precision);
    }
    if (has_prompt) request.prompt.clear();
    if (command.count("--sampler") > 0) request.schedule = std::nullopt;
    if (command.count("--scheduler-config") > 0) request.sampler = request.schedule = std::nullopt;
    for (CLI::Option* flag : command.get_options())
        if (flag->count() > 0) flag->run_callback();
    drop_what_needs_pictures(command, options);

    if (!stored || !callbacks.note) return;
    for (const std::string& sentence : stored->notes)
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
            fail_usage("the prompt is given twice, with and without --prompt; put a prompt of several words in quotes");
        set_from_text(request, setting("prompt"), options.positional_prompt);
    }
    if (!options.mask.empty() && options.init_image.empty())
        refuse("mask", "it needs the picture that it is for; give that as `init_image`");
    return request;
}

void add_pictures(const GenerateOptions& options, Request& request, const Callbacks& callbacks, std::stop_token stop) {
    if ((options.standard_input_is_read ? 1 : 0) + (options.init_image == "-" ? 1 : 0) + (options.mask == "-" ? 1 : 0) >
        1)
        fail_usage("standard input can be read for one thing alone: a prompt, `init_image` or `mask`");
    if (!options.init_image.empty()) request.init_image = read_picture(options.init_image, callbacks.note);
    if (!options.mask.empty()) request.mask = read_mask(options.mask, callbacks.note);
    if (!options.auto_mask.empty()) request.mask = automatic_mask(options, *request.init_image, stop);
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
