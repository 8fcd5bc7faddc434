#include "jobs/drawing.h"

#include <algorithm>
#include <tuple>
#include <variant>

#include <fmt/format.h>

#include "base/error.h"
#include "base/field_names.h"
#include "collection/control_files.h"
#include "collection/embedding_files.h"
#include "collection/lora_files.h"
#include "collection/upscaler_files.h"
#include "pictures/parameters.h"
#include "settings/parameters.h"
#include "settings/stored_settings.h"
#include "settings/table.h"

namespace easel::jobs {
namespace fs = std::filesystem;
namespace {

const Setting<EngineOptions> model_row = {
    {.field = "model",
     .flags = "-m,--model",
     .kind = FilePath{},
     .help = "The model: a diffusers folder, a .safetensors file, or owner/name[@revision] on a Hugging Face hub"},
    &EngineOptions::model};

const Setting<Drawing> drawing_rows[] = {
    {{.field = "params_from",
      .flags = "--params-from",
      .kind = FilePath{},
      .help = "Draw with the settings stored in this picture; flags override them"},
     &Drawing::params_from},
    {{.field = "batch_count",
      .flags = "-b,--batch-count",
      .kind = WholeNumber{1, largest_batch},
      .help = "The number of pictures, with seeds N, N + 1, ..."},
     &Drawing::batch_count},
};

const Setting<OutputNames> output_rows[] = {
    {{.field = "output",
      .flags = "-o,--output",
      .kind = FilePath{},
      .help = "The file to write: .png, .jpg or .webp; %d becomes the picture's number (default: a new name, made from "
              "the prompt)"},
     &OutputNames::output},
    {{.field = "overwrite", .flags = "--overwrite", .kind = Truth{}, .help = "Replace an existing file"},
     &OutputNames::overwrite},
    {{.field = "save_mask", .flags = "--save-mask", .kind = FilePath{}, .help = "Also write the mask to this file"},
     &OutputNames::save_mask},
    {{.field = "save_latents",
      .flags = "--save-latents",
      .kind = FilePath{},
      .help = "Also write the final latents to this .safetensors file"},
     &OutputNames::save_latents},
    {{.field = "metadata", .flags = "--no-metadata", .kind = Truth{}, .help = "Store no settings in the picture"},
     &OutputNames::metadata},
};

const Setting<InputFiles> input_rows[] = {
    {{.field = "init_image",
      .flags = "-i,--init-image",
      .kind = FilePath{},
      .help = "A picture to start from: PNG, JPEG or WebP; - reads standard input"},
     &InputFiles::init_image},
    {{.field = "mask",
      .flags = "--mask",
      .kind = FilePath{},
      .help = "A picture that is white where to repaint and black where to keep"},
     &InputFiles::mask},
    {{.field = "auto_mask",
      .flags = "--auto-mask",
      .kind = OneOf{{"person", "background"}},
      .help = "Find the person in the init image, and repaint the person or the background"},
     &InputFiles::auto_mask},
};

const Setting<PersonMaskOptions> person_rows[] = {
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

/// The order of --help.
constexpr std::string_view fields[] = {"prompt",
                                       "negative_prompt",
                                       "prompt_2",
                                       "negative_prompt_2",
                                       "empty_negative",
                                       "prompt_syntax",
                                       "emphasis",
                                       "negative_padding",
                                       "step_rule",
                                       "params_from",
                                       "model",
                                       "tokenizer",
                                       "output",
                                       "overwrite",
                                       "width",
                                       "height",
                                       "batch_count",
                                       "seed",
                                       "rng",
                                       "num_inference_steps",
                                       "guidance_scale",
                                       "guidance_rescale",
                                       "guidance_start",
                                       "guidance_end",
                                       "step_cache",
                                       "preset",
                                       "image_guidance_scale",
                                       "sampler",
                                       "schedule",
                                       "original_inference_steps",
                                       "eta",
                                       "scheduler_config",
                                       "beta_start",
                                       "beta_end",
                                       "beta_schedule",
                                       "prediction_type",
                                       "original_size",
                                       "crop",
                                       "target_size",
                                       "negative_original_size",
                                       "negative_crop",
                                       "negative_target_size",
                                       "aesthetic_score",
                                       "negative_aesthetic_score",
                                       "refiner",
                                       "refiner_at",
                                       "denoising_end",
                                       "clip_skip",
                                       "loras",
                                       "lora_dir",
                                       "embeddings",
                                       "embedding_dir",
                                       "controls",
                                       "control_mode",
                                       "guess_mode",
                                       "control_dir",
                                       "ip_adapters",
                                       "freeu",
                                       "hires",
                                       "hires_upscaler",
                                       "hires_steps",
                                       "hires_strength",
                                       "hires_step_count",
                                       "upscaler_dir",
                                       "init_image",
                                       "strength",
                                       "mask",
                                       "auto_mask",
                                       "threshold",
                                       "grow",
                                       "save_mask",
                                       "mask_blur",
                                       "masked_content",
                                       "composite",
                                       "device",
                                       "threads",
                                       "precision",
                                       "vae_precision",
                                       "vae",
                                       "taesd",
                                       "wildcard_dir",
                                       "max_memory",
                                       "save_latents",
                                       "metadata"};

template <typename Table, typename Part>
void add_rows(std::vector<DrawingSetting>& all, const Table& table, Part part) {
    for (const auto& setting : table) {
        Drawing standard;
        all.push_back({&setting, text_of(setting, get(part(standard), setting)),
                       [&setting, part](Drawing& drawing, std::string_view text) {
                           set_from_text(part(drawing), setting, text);
                       }});
    }
}

std::vector<DrawingSetting> all_settings() {
    const auto request = [](Drawing& drawing) -> Request& { return drawing.request; };
    const auto engine = [](Drawing& drawing) -> EngineOptions& { return drawing.engine; };
    std::vector<DrawingSetting> all;
    add_rows(all, settings_table(), request);
    add_rows(all, engine_settings_table(), engine);
    add_rows(all, std::span(&model_row, 1), engine);
    add_rows(all, drawing_rows, [](Drawing& drawing) -> Drawing& { return drawing; });
    add_rows(all, collection_table(), [](Drawing& drawing) -> Collection& { return drawing.collection; });
    add_rows(all, output_rows, [](Drawing& drawing) -> OutputNames& { return drawing.outputs; });
    add_rows(all, input_rows, [](Drawing& drawing) -> InputFiles& { return drawing.inputs; });
    add_rows(all, person_rows, [](Drawing& drawing) -> PersonMaskOptions& { return drawing.inputs.person; });
    // A new row of a table that is not in the order comes last.
    std::ranges::stable_sort(
        all, {}, [](const DrawingSetting& setting) { return std::ranges::find(fields, setting.facts->field); });
    return all;
}

/// "--num-inference-steps,--steps" without the dashes, one by one.
std::vector<std::string> keys_of(const SettingFacts& setting) {
    std::vector<std::string> keys;
    std::string_view flags = setting.flags;
    while (!flags.empty()) {
        const std::string_view flag = flags.substr(0, flags.find(','));
        if (flag.starts_with("--")) keys.emplace_back(flag.substr(2));
        flags.remove_prefix(std::min(flag.size() + 1, flags.size()));
    }
    return keys;
}

bool is_given(const GivenSettings& given, std::string_view field) {
    return std::ranges::any_of(given, [&](const auto& setting) {
        const DrawingSetting* found = find_drawing_setting(setting.first);
        return found && found->facts->field == field;
    });
}

std::string stored_text(const fs::path& path) {
    const auto text = read_parameters(path);
    if (!text) fail("`params_from` {}: no settings are stored in this picture", path.string());
    return *text;
}

std::optional<std::string> value_of(const std::string& key,
                                    const std::vector<std::pair<std::string, std::string>>& entries) {
    for (const auto& [name, value] : entries)
        if (name == key) return value;
    return std::nullopt;
}

/// Takes the settings that are stored in the picture `params_from`.
void begin_as_stored(Drawing& drawing, const GivenSettings& given, const Note& note) {
    const fs::path& path = drawing.params_from;
    const std::string text = stored_text(path);
    const StoredSettings stored = parse_parameters(text, fmt::format("`params_from` {}", path.string()));
    const auto usual_syntax = drawing.request.prompt_syntax;
    drawing.request = stored.request;
    drawing.embedding_hashes = stored.embedding_hashes;
    drawing.lora_hashes = stored.lora_hashes;
    // How an old prompt was read says nothing about a new one.
    if (is_given(given, "prompt")) drawing.request.prompt_syntax = usual_syntax;
    if (stored.precision) set_from_text(drawing.engine, engine_setting("precision"), *stored.precision);
    if (!note) return;
    for (const std::string& sentence : stored.notes) note(fmt::format("{}: {}", path.string(), sentence));
    const auto entries = parameters_entries(text, path.string());
    const bool of_upscaling =
        value_of(std::string(hires_scale_key), entries) || value_of(std::string(hires_size_key), entries);
    const bool of_picture = value_of("Denoising strength", entries) || value_of("Image CFG scale", entries);
    if (!is_given(given, "init_image") && of_picture && !of_upscaling)
        note(fmt::format("{}: was drawn from a picture, which is not stored; give it as `init_image`", path.string()));
}

/// Drops what a stored picture or the configuration says of an init picture or a mask if there is none.
void drop_what_needs_pictures(Drawing& drawing, const GivenSettings& given) {
    const Request fresh;
    const bool has_mask = !drawing.inputs.mask.empty() || !drawing.inputs.auto_mask.empty();
    Request& request = drawing.request;
    if (drawing.inputs.init_image.empty() && !is_given(given, "strength")) request.strength = fresh.strength;
    if (!has_mask && !is_given(given, "mask_blur")) request.mask_blur = fresh.mask_blur;
    if (!has_mask && !is_given(given, "masked_content")) request.masked_content = fresh.masked_content;
    if (!has_mask && !is_given(given, "composite")) request.composite = fresh.composite;
}

void check_drawing(const Drawing& drawing, const GivenSettings& given) {
    const InputFiles& inputs = drawing.inputs;
    if (!inputs.mask.empty() && inputs.init_image.empty())
        refuse("mask", "it needs the picture that it belongs to; give that as `init_image`");
    if (!inputs.auto_mask.empty() && inputs.init_image.empty())
        refuse("auto_mask", "it needs the picture to find the person in; give that as `init_image`");
    if (!inputs.auto_mask.empty() && !inputs.mask.empty())
        refuse("auto_mask", "there is a `mask` too; give one of them");
    for (const Setting<PersonMaskOptions>& setting : person_rows)
        if (inputs.auto_mask.empty() && is_given(given, setting.field))
            refuse(setting.field, "it is for masks that easel makes; give `auto_mask` too");
}

}  // namespace

std::span<const DrawingSetting> drawing_settings() {
    static const std::vector<DrawingSetting> all = all_settings();
    return all;
}

const DrawingSetting* find_drawing_setting(std::string_view flag) {
    for (const DrawingSetting& setting : drawing_settings())
        if (has_flag(*setting.facts, flag)) return &setting;
    return nullptr;
}

std::vector<Key> job_keys() {
    std::vector<Key> keys;
    for (const DrawingSetting& setting : drawing_settings())
        keys.push_back({.names = keys_of(*setting.facts),
                        .is_truth = std::holds_alternative<Truth>(setting.facts->kind),
                        .is_list = std::holds_alternative<FileList>(setting.facts->kind)});
    return keys;
}

bool is_prompt(const SettingFacts& setting) {
    return std::holds_alternative<Text>(setting.kind) && find_field(settings_table(), setting.field);
}

std::string key_of_field(std::string_view field) {
    for (const DrawingSetting& setting : drawing_settings())
        if (setting.facts->field == field) return std::string(key_of(*setting.facts));
    std::string key(field);
    std::ranges::replace(key, '_', '-');
    return key;
}

std::string with_job_keys(std::string_view sentence) {
    return with_field_names(sentence, [](std::string_view field) { return key_of_field(field); });
}

Drawing read_drawing(const GivenSettings& given, const Drawing& standard, const Note& note) {
    Drawing drawing = standard;
    const auto apply = [&](bool (*chosen)(const SettingFacts&)) {
        for (const auto& [key, text] : given) {
            const DrawingSetting* setting = find_drawing_setting(key);
            if (!setting) fail_usage("there is no setting \"{:.60}\"", key);
            if (chosen(*setting->facts)) setting->set(drawing, text);
        }
    };
    apply([](const SettingFacts& setting) { return setting.field == "params_from"; });
    if (!drawing.params_from.empty()) begin_as_stored(drawing, given, note);
    // A preset comes with its own step cache, a sampler with its own schedule, a configuration with both.
    if (is_given(given, "preset")) drawing.request.step_cache.reset();
    if (is_given(given, "sampler")) drawing.request.schedule.reset();
    if (is_given(given, "scheduler_config")) {
        drawing.request.sampler.reset();
        drawing.request.schedule.reset();
    }
    apply([](const SettingFacts&) { return true; });
    if (!drawing.params_from.empty() && is_given(given, "refiner") && !is_given(given, "refiner_at") &&
        drawing.request.refiner_at == 1.0)
        drawing.request.refiner_at.reset();
    if (!drawing.params_from.empty() && !is_given(given, "loras"))
        find_stored_loras(drawing.request, drawing.lora_hashes, drawing.collection.lora_dir, note);
    if (is_given(given, "negative_prompt") && !drawing.request.empty_negative &&
        drawing.request.negative_prompt.empty())
        drawing.request.empty_negative = "encoded";
    find_loras(drawing.request, drawing.collection.lora_dir);
    if (drawing.embedding_hashes.empty() || is_given(given, "embeddings"))
        find_embeddings(drawing.request, drawing.collection.embedding_dir);
    else
        find_stored_embeddings(drawing.request, drawing.embedding_hashes, drawing.collection.embedding_dir, note);
    find_controls(drawing.request, drawing.collection.control_dir,
                  is_given(given, "controls") ? fs::path() : drawing.params_from);
    drawing.request.hires_upscaler = find_upscaler(drawing.request.hires_upscaler,
                                                   upscaler_folder(drawing.collection.upscaler_dir), "hires_upscaler");
    drop_what_needs_pictures(drawing, given);
    if (drawing.request.prompt.empty() && drawing.params_from.empty() && !is_given(given, "prompt"))
        fail_usage("there is no prompt; `prompt` says what to draw");
    check_drawing(drawing, given);
    return drawing;
}

void note_differences(const fs::path& params_from, const Result& drawn, const Note& note) {
    if (params_from.empty() || !note) return;
    const auto stored = parameters_entries(stored_text(params_from), params_from.string());
    const auto ours = parameters_entries(drawn.parameters, "the picture");
    for (const std::string key : {"Model", "Timestep spacing", "Prediction type"}) {
        const auto theirs = value_of(key, stored);
        const std::string now = value_of(key, ours).value_or("the standard");
        if (theirs && *theirs != now)
            note(
                fmt::format("{}: was drawn with {}: {:.80}, which is {} now", params_from.string(), key, *theirs, now));
    }
    for (const auto& [key, what, usual] :
         {std::tuple("VAE", "VAE", "the model's own"), std::tuple("Refiner", "refiner", "none")})
        if (const auto theirs = value_of(key, stored).value_or(usual), now = value_of(key, ours).value_or(usual);
            theirs != now)
            note(fmt::format("{}: was drawn with the {} {:.80}, which is {:.80} now", params_from.string(), what,
                             theirs, now));
}

}  // namespace easel::jobs
