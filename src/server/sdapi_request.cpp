#include "server/sdapi_request.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/error.h"
#include "pictures/blur.h"
#include "pictures/fit.h"
#include "pictures/mask.h"
#include "pictures/resize.h"
#include "server/control_fields.h"
#include "server/controlnet_units.h"
#include "server/drawn_size.h"
#include "server/json.h"
#include "server/lax_fields.h"
#include "server/part_of_picture.h"
#include "server/picture_field.h"
#include "server/refusal.h"
#include "server/sampler_choice.h"
#include "server/sdapi_fields.h"
#include "settings/latent_upscaler.h"
#include "settings/lora_tags.h"
#include "settings/stored_settings.h"
#include "settings/table.h"

namespace easel::server {
namespace {

using nlohmann::json;

constexpr int size_step = 8;

/// Fields that ask for what easel cannot do yet, unless they say that it is not wanted.
struct Absent {
    const char* name;
    std::string_view feature;
};
constexpr Absent absent_features[] = {{"tiling", "tiling"},
                                      {"restore_faces", "restoring faces"},
                                      {"subseed_strength", "mixing two seeds"},
                                      {"script_name", "scripts"}};

/// What the answer echoes where the request is silent; the rest depends on the model.
nlohmann::ordered_json default_parameters(bool with_picture) {
    nlohmann::ordered_json defaults = nlohmann::ordered_json::parse(R"({
        "prompt": "", "negative_prompt": "", "styles": null, "seed": -1, "subseed": -1, "subseed_strength": 0,
        "seed_resize_from_h": -1, "seed_resize_from_w": -1, "sampler_name": null, "scheduler": null, "batch_size": 1,
        "n_iter": 1, "steps": null, "cfg_scale": null, "width": null, "height": null, "restore_faces": false,
        "tiling": false, "do_not_save_samples": false, "do_not_save_grid": false, "eta": null,
        "denoising_strength": 0.75, "override_settings": null, "override_settings_restore_afterwards": true,
        "refiner_checkpoint": null, "refiner_switch_at": null, "disable_extra_networks": false, "comments": null,
        "script_name": null, "script_args": [], "send_images": true, "save_images": false,
        "alwayson_scripts": {}, "infotext": null, "force_task_id": null})");
    if (with_picture)
        defaults.update(nlohmann::ordered_json::parse(R"({
            "init_images": null, "resize_mode": 0, "image_cfg_scale": null, "mask": null, "mask_blur": 4,
            "inpainting_fill": 0, "inpaint_full_res": true, "inpaint_full_res_padding": 0,
            "inpainting_mask_invert": 0, "include_init_images": false})"));
    else
        defaults.update(nlohmann::ordered_json::parse(R"({
            "enable_hr": false, "hr_scale": 2.0, "hr_upscaler": null, "hr_second_pass_steps": 0, "hr_resize_x": 0,
            "hr_resize_y": 0, "hr_checkpoint_name": null, "hr_sampler_name": null, "hr_scheduler": null,
            "hr_prompt": "", "hr_negative_prompt": ""})"));
    return defaults;
}

SdapiOwnFields read_own(const json& body) {
    SdapiOwnFields own;
    read_fields(own, sdapi_own_fields(), body);
    if (own.batch_size * own.n_iter > most_sdapi_pictures)
        refuse_field(422, "batch_size", "{} times `n_iter` {} are more than {} pictures", own.batch_size, own.n_iter,
                     most_sdapi_pictures);
    return own;
}

void check_absent_features(const json& body) {
    for (const auto& [name, feature] : absent_features)
        if (is_on(value_at(body, name))) refuse_field(501, name, "{} is not there yet; leave it out", feature);
}

/// The arguments of a script.
const json& arguments_of(const json& script) { return script.is_object() ? value_at(script, "args") : script; }

/// Whether an entry of alwayson_scripts does nothing: no arguments, a first one that is false, or units none of which
/// is enabled.
bool is_off(const json& script) {
    const json& arguments = arguments_of(script);
    if (arguments.empty()) return true;
    if (!arguments.is_array()) refuse_field(422, "alwayson_scripts", "give the arguments of a script as a list");
    if (arguments[0] == false) return true;
    return std::ranges::all_of(arguments,
                               [](const json& unit) { return unit.is_object() && !is_on(value_at(unit, "enabled")); });
}

void read_scripts(Drawing& drawing, const json& body, const Models& models) {
    const json& scripts = value_at(body, "alwayson_scripts");
    if (scripts.is_null()) return;
    if (!scripts.is_object()) refuse_field(422, "alwayson_scripts", "give an object, a key for each script");
    for (const auto& [name, script] : scripts.items()) {
        if (is_off(script)) continue;
        if (!is_controlnet_script(name))
            refuse_field(422, "alwayson_scripts", "there is no script {:.60}; leave it out or switch it off", name);
        read_controlnet_units(drawing, arguments_of(script), models);
    }
}

void check_lists(const json& body) {
    if (const json& styles = value_at(body, "styles"); !styles.is_null() && !styles.is_array())
        refuse_field(422, "styles", "give a list of names");
}

void check_prompt(const std::string& prompt, std::string_view field) {
    if (prompt.size() > longest_prompt)
        refuse_field(422, field, "it has {} bytes, and at most {} are taken", prompt.size(), longest_prompt);
}

/// The settings of the request that are easel's own.
void read_settings(Request& request, const json& body, std::span<const SdapiName> names, bool with_picture) {
    for (const SdapiName& row : names) {
        const json& value = value_at(body, row.name);
        if (value.is_null() || (row.of_picture && !with_picture)) continue;
        set(request, setting(row.field), value_from_json(setting(row.field), value));
    }
}

/// Down to a multiple of 8, as the web UI does.
void round_size(std::optional<int>& side, std::string_view field) {
    if (!side) return;
    if (*side < size_step) refuse_value(field, *side, "give a multiple of {}", size_step);
    side = *side / size_step * size_step;
}

void read_overrides(SdapiRequest& read, const json& body, const SdapiOwnFields& own, const Models& models) {
    const json& settings = value_at(body, "override_settings");
    if (settings.is_null()) return;
    if (!settings.is_object()) refuse_field(422, "override_settings", "give an object, a key for each setting");
    read_settings(read.drawing.request, settings, sdapi_override_names(), true);
    const auto text_at = [&](const char* key) {
        const json& value = value_at(settings, key);
        if (!value.is_null() && !value.is_string()) refuse_field(422, key, "give a text");
        return value.is_null() ? std::string() : value.get<std::string>();
    };
    if (std::string emphasis = text_at("emphasis"); !emphasis.empty()) {
        std::ranges::replace(emphasis, ' ', '_');  // "No norm"
        Request& request = read.drawing.request;
        set(request, setting("emphasis"), value_from_text(setting("emphasis"), emphasis));
    }
    if (const json pads = lax_truth(value_at(settings, "pad_cond_uncond")); pads == true)
        read.drawing.request.negative_padding = NegativePadding::empty_chunks;
    else if (!pads.is_null() && pads != false)
        refuse_field(422, "pad_cond_uncond", "give true or false");
    if (const std::string model = text_at("sd_model_checkpoint"); !model.empty()) {
        read.drawing.model = models.find(model).title;
        read.drawing.model_stays = !own.override_settings_restore_afterwards;
    }
    if (const std::string vae = text_at("sd_vae"); !vae.empty() && vae != "Automatic" && vae != "None")
        refuse_field(404, "sd_vae", "there is none but the model's own; give Automatic");
    if (const std::string format = text_at("samples_format"); format == "jpg" || format == "jpeg")
        read.format = PictureFormat::jpeg;
    else if (format == "webp")
        read.format = PictureFormat::webp;
}

/// The mask's blur, in pixels: one for both axes.
double blur_of(const SdapiOwnFields& own) {
    constexpr double usual_blur = 4.0;
    const double blur = own.mask_blur.value_or(usual_blur);
    const double x = own.mask_blur_x.value_or(blur), y = own.mask_blur_y.value_or(blur);
    if (x != y)
        refuse_field(501, "mask_blur_x", "blurring by {} and {} pixels is not there yet; give one number", x, y);
    return x;
}

/// The part of the picture under the mask alone, which then is put back.
void draw_only_masked(SdapiRequest& read, const Picture& whole, const Mask& mask, const SdapiOwnFields& own,
                      double blur_pixels, const ModelInfo& model) {
    Request& request = read.drawing.request;
    const auto [width, height] = drawn_size(request, model);
    Mask reached = blur(mask, blur_pixels);
    for (std::uint8_t& value : reached.pixels) value = value > 0 ? 255 : 0;
    const Box box = box_to_draw(reached, own.inpaint_full_res_padding, width, height);
    request.width = width;
    request.height = height;
    request.init_image = resize_lanczos(cropped(whole, box.left, box.top, box.width, box.height), width, height);
    request.mask = resize_lanczos(cropped(mask, box.left, box.top, box.width, box.height), width, height);
    const double scale = static_cast<double>(width) / box.width;
    request.mask_blur = std::min(blur_pixels * scale, 1000.0);
    read.drawing.part = PartOf{whole, box, std::move(reached)};
}

Fit fit_of(int resize_mode) {
    if (resize_mode == 3) refuse_field(501, "resize_mode", "3, resizing the latents, is not there yet; give 0, 1 or 2");
    return fit_of_mode(resize_mode);
}

void read_pictures(SdapiRequest& read, const json& body, const SdapiOwnFields& own, const Models& models) {
    Request& request = read.drawing.request;
    const json& images = value_at(body, "init_images");
    if (!images.is_array() || images.empty())
        refuse_field(422, "init_images", "give a list with a picture to begin from");
    if (images.size() > 1) refuse_field(422, "init_images", "give one picture; there are {}", images.size());
    Picture init = picture_of(picture_bytes(images[0], "init_images"), "init_images");
    const Fit fit = fit_of(own.resize_mode);
    const auto to_size = [&](const auto& image) {
        return fitted(image, request.width.value_or(image.width), request.height.value_or(image.height), fit);
    };

    const json& mask_field = value_at(body, "mask");
    if (mask_field.is_null() || mask_field == "") {
        request.init_image = request.width && request.height ? to_size(init) : std::move(init);
        return;
    }
    Mask mask = mask_of(picture_bytes(mask_field, "mask"), "mask");
    mask = resize_lanczos(mask, init.width, init.height);
    if (own.inpainting_mask_invert) mask = inverted(std::move(mask));
    const double blur_pixels = blur_of(own);
    constexpr MaskedContent contents[] = {MaskedContent::fill, MaskedContent::original, MaskedContent::latent_noise,
                                          MaskedContent::latent_nothing};
    request.masked_content = contents[own.inpainting_fill];
    if (own.inpaint_full_res) return draw_only_masked(read, init, mask, own, blur_pixels, models.opened());
    const bool is_sized = request.width && request.height;
    request.mask = is_sized ? to_size(mask) : std::move(mask);
    request.init_image = is_sized ? to_size(init) : std::move(init);
    request.mask_blur = blur_pixels;
}

/// The web UI takes a step however small the strength is, where easel refuses one that takes none.
void take_a_step(Drawing& drawing, const ModelInfo& model) {
    Request& request = drawing.request;
    const int steps = request.num_inference_steps.value_or(model.num_inference_steps);
    constexpr double rounding = 1e-9;
    drawing.keeps_picture = request.strength == 0.0;
    if (request.strength && steps > 0)
        request.strength = std::clamp(*request.strength, std::min(1.0, 1.0 / steps + rounding), 1.0);
}

/// What `infotext` asks for. Files of the server are named by its prompts alone.
Request request_in_text(const std::string& text) {
    Request request;
    try {
        request = parse_parameters(text, "`infotext`").request;
    } catch (const Error& error) {
        throw Refusal(422, error.what(), "infotext");
    }
    request.prompt += lora_tags(std::exchange(request.loras, {}));
    request.embeddings.clear();
    // Of files the name alone, which the server's own folder has or has not.
    if (!latent_upscaler(request.hires_upscaler))
        request.hires_upscaler = std::filesystem::path(request.hires_upscaler).filename().string();
    if (!request.ip_adapters.empty())
        throw Refusal(501, "IP-Adapters are not there yet; leave them out of the text", "infotext");
    return request;
}

/// The web UI's "Hires. fix". What it asks for beside the fields that are read must be that of the first pass.
void read_second_pass(Request& request, const SdapiOwnFields& own, const ModelInfo& model) {
    for (const auto& [name, value, first] :
         {std::tuple("hr_prompt", &own.hr_prompt, &request.prompt),
          std::tuple("hr_negative_prompt", &own.hr_negative_prompt, &request.negative_prompt)})
        if (!value->empty() && *value != *first)
            refuse_field(501, name, "another prompt for the second pass is not there yet; leave it out");
    for (const auto& [name, value] :
         {std::pair("hr_checkpoint_name", &own.hr_checkpoint_name), std::pair("hr_sampler_name", &own.hr_sampler_name),
          std::pair("hr_scheduler", &own.hr_scheduler)}) {
        const bool is_same = value->empty() || value->starts_with("Use same") ||
                             (value == &own.hr_sampler_name && *value == own.sampler_name) ||
                             (value == &own.hr_scheduler && *value == own.scheduler);
        if (!is_same) refuse_field(501, name, "another one for the second pass is not there yet; leave it out");
    }
    const auto down = [](double side) { return static_cast<int>(side) / size_step * size_step; };
    int width = down(own.hr_resize_x), height = down(own.hr_resize_y);
    if (width == 0 && height == 0) {
        request.hires = fmt::format("{}", own.hr_scale);
    } else {
        const double first_width = request.width.value_or(model.native_width);
        const double first_height = request.height.value_or(model.native_height);
        if (width == 0 && first_height > 0) width = down(height * first_width / first_height);
        if (height == 0 && first_width > 0) height = down(width * first_height / first_width);
        request.hires = fmt::format("{}x{}", width, height);
    }
    request.hires_upscaler = own.hr_upscaler == "None" ? std::string(lanczos_upscaler) : own.hr_upscaler;
    if (own.hr_second_pass_steps > 0) request.hires_steps = own.hr_second_pass_steps;
    constexpr double usual_strength_of_api = 0.75;
    request.hires_strength = own.denoising_strength.value_or(usual_strength_of_api);
}

/// The model that draws the last steps. As in the web UI there is none where the request names none.
void read_refiner(Drawing& drawing, const json& body, const SdapiOwnFields& own, const Models& models) {
    Request& request = drawing.request;
    drawing.refiner = "";
    request.refiner_at.reset();
    if (!is_on(value_at(body, "refiner_checkpoint"))) return;
    try {
        drawing.refiner = models.find(without_hash(own.refiner_checkpoint)).title;
    } catch (const Refusal& refusal) {
        throw Refusal(404, refusal.what(), "refiner_checkpoint");
    }
    set(request, setting("refiner_at"), own.refiner_switch_at.value_or(usual_refiner_at));
    check_value(setting("refiner_at"), *request.refiner_at);
}

/// In place of those that a text names, whose pictures are not in it.
void read_all_controls(Drawing& drawing, const json& body, const Models& models) {
    std::vector<Control> of_text = std::exchange(drawing.request.controls, {});
    read_controls(drawing, body, models);
    read_scripts(drawing, body, models);
    if (!of_text.empty() && drawing.request.controls.empty())
        refuse_field(422, "infotext", "it has not the pictures that its ControlNets follow; give both in `controls`");
}

/// A request is told without the pictures that came with it.
void remove_pictures(nlohmann::ordered_json& value) {
    constexpr std::string_view pictures[] = {"image", "input_image", "mask", "mask_image", "picture"};
    for (const auto& [key, entry] : value.items())
        if (std::ranges::find(pictures, key) != std::end(pictures))
            entry = nullptr;
        else if (entry.is_structured())
            remove_pictures(entry);
}

nlohmann::ordered_json echoed_parameters(const json& body, bool with_picture, const SdapiOwnFields& own) {
    nlohmann::ordered_json echoed = default_parameters(with_picture);
    for (const auto& [key, value] : body.items())
        if (!value.is_null()) echoed[key] = value;
    if (with_picture && !own.include_init_images) echoed["init_images"] = echoed["mask"] = nullptr;
    for (const char* name : {"alwayson_scripts", "controls"})
        if (const auto found = echoed.find(name); found != echoed.end() && found->is_structured())
            remove_pictures(*found);
    return echoed;
}

}  // namespace

SdapiRequest read_sdapi_request(const json& body, bool with_picture, const SdapiDefaults& defaults,
                                const Models& models) {
    const SdapiOwnFields own = read_own(body);
    SdapiRequest read;
    Request& request = read.drawing.request;
    request.clip_skip = defaults.clip_skip;
    if (!own.infotext.empty()) request = request_in_text(own.infotext);
    // How an old prompt was read says nothing about a new one.
    if (!value_at(body, "prompt").is_null()) request.prompt_syntax.reset();
    read_settings(request, body, sdapi_names(), with_picture);
    check_prompt(request.prompt, "prompt");
    check_prompt(request.negative_prompt, "negative_prompt");
    round_size(request.width, "width");
    round_size(request.height, "height");
    check_lists(body);
    check_absent_features(body);
    read_overrides(read, body, own, models);

    const bool has_name = !own.sampler_name.empty();
    choose_sampler(request, has_name ? own.sampler_name : own.sampler_index, own.scheduler,
                   has_name ? "sampler_name" : "sampler_index");
    drop_schedule_of_no_use(request, models.opened().sampler);
    if (!with_picture && own.enable_hr) read_second_pass(request, own, models.opened());
    read_refiner(read.drawing, body, own, models);
    if (with_picture) {
        read_pictures(read, body, own, models);
        take_a_step(read.drawing, models.opened());
    }
    read_all_controls(read.drawing, body, models);

    read.drawing.pictures = own.batch_size * own.n_iter;
    read.batch_size = own.batch_size;
    read.n_iter = own.n_iter;
    read.send_images = own.send_images;
    read.drawing.saves = own.save_images;
    read.task = own.force_task_id;
    read.parameters = echoed_parameters(body, with_picture, own);
    return read;
}

std::string sdapi_name(const std::string& field) {
    for (const SdapiName& row : sdapi_names())
        if (row.field == field) return row.name;
    if (field == "sampler") return "sampler_name";
    if (field == "schedule") return "scheduler";
    if (field == "init_image") return "init_images";
    if (field == "eta") return "eta_ddim";
    if (field == "hires") return "hr_scale";
    if (field == "hires_upscaler") return "hr_upscaler";
    if (field == "hires_steps") return "hr_second_pass_steps";
    if (field == "hires_strength") return "denoising_strength";
    if (field == "model") return "sd_model_checkpoint";
    if (field == "refiner_at") return "refiner_switch_at";
    if (field == "refiner") return "refiner_checkpoint";
    return field;
}

}  // namespace easel::server
