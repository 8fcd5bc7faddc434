#include "server/sdapi_fields.h"

#include <utility>
#include <vector>

#include "settings/table.h"

namespace easel::server {
namespace {

constexpr SdapiName names[] = {
    {"prompt", "prompt"},
    {"negative_prompt", "negative_prompt"},
    {"seed", "seed"},
    {"steps", "num_inference_steps"},
    {"cfg_scale", "guidance_scale"},
    {"width", "width"},
    {"height", "height"},
    {"clip_skip", "clip_skip"},
    {"denoising_strength", "strength", true},
    {"image_cfg_scale", "image_guidance_scale", true},
    {"prompt_syntax", "prompt_syntax"},
    {"emphasis", "emphasis"},
    {"negative_padding", "negative_padding"},
    {"step_rule", "step_rule"},
    {"control_mode", "control_mode"},
    {"guess_mode", "guess_mode"},
    {"guidance_rescale", "guidance_rescale"},
    {"guidance_start", "guidance_start"},
    {"guidance_end", "guidance_end"},
    {"step_cache", "step_cache"},
    {"preset", "preset"},
};
constexpr SdapiName override_names[] = {{"CLIP_stop_at_last_layers", "clip_skip"}, {"eta_ddim", "eta"}};

SettingFacts facts(std::string_view field, SettingKind kind) { return {.field = field, .kind = std::move(kind)}; }

}  // namespace

std::span<const SdapiName> sdapi_names() { return names; }

std::span<const SdapiName> sdapi_override_names() { return override_names; }

std::span<const Setting<SdapiOwnFields>> sdapi_own_fields() {
    static const std::vector<Setting<SdapiOwnFields>> table = {
        {facts("batch_size", WholeNumber{1, most_sdapi_pictures}), &SdapiOwnFields::batch_size},
        {facts("n_iter", WholeNumber{1, most_sdapi_pictures}), &SdapiOwnFields::n_iter},
        {facts("send_images", Truth{}), &SdapiOwnFields::send_images},
        {facts("save_images", Truth{}), &SdapiOwnFields::save_images},
        {facts("include_init_images", Truth{}), &SdapiOwnFields::include_init_images},
        {facts("override_settings_restore_afterwards", Truth{}), &SdapiOwnFields::override_settings_restore_afterwards},
        {facts("sampler_name", Text{"the sampler's name"}), &SdapiOwnFields::sampler_name},
        {facts("sampler_index", Text{"the sampler's name"}), &SdapiOwnFields::sampler_index},
        {facts("scheduler", Text{"the scheduler's name"}), &SdapiOwnFields::scheduler},
        {facts("force_task_id", Text{"the task's name"}), &SdapiOwnFields::force_task_id},
        {facts("infotext", Text{"the settings' text"}), &SdapiOwnFields::infotext},
        {facts("resize_mode", WholeNumber{0, 3}), &SdapiOwnFields::resize_mode},
        {facts("mask_blur", RealNumber{0.0, 1000.0}), &SdapiOwnFields::mask_blur},
        {facts("mask_blur_x", RealNumber{0.0, 1000.0}), &SdapiOwnFields::mask_blur_x},
        {facts("mask_blur_y", RealNumber{0.0, 1000.0}), &SdapiOwnFields::mask_blur_y},
        {facts("inpainting_fill", WholeNumber{0, 3}), &SdapiOwnFields::inpainting_fill},
        {facts("inpaint_full_res", Truth{}), &SdapiOwnFields::inpaint_full_res},
        {facts("inpaint_full_res_padding", WholeNumber{0, largest_side}), &SdapiOwnFields::inpaint_full_res_padding},
        {facts("inpainting_mask_invert", Truth{}), &SdapiOwnFields::inpainting_mask_invert},
        {facts("enable_hr", Truth{}), &SdapiOwnFields::enable_hr},
        {facts("hr_scale", RealNumber{1.0, 16.0}), &SdapiOwnFields::hr_scale},
        {facts("hr_resize_x", WholeNumber{0, largest_side}), &SdapiOwnFields::hr_resize_x},
        {facts("hr_resize_y", WholeNumber{0, largest_side}), &SdapiOwnFields::hr_resize_y},
        {facts("hr_second_pass_steps", WholeNumber{0, most_inference_steps}), &SdapiOwnFields::hr_second_pass_steps},
        {facts("hr_upscaler", Text{"the upscaler's name"}), &SdapiOwnFields::hr_upscaler},
        {facts("hr_prompt", Text{"the prompt"}), &SdapiOwnFields::hr_prompt},
        {facts("hr_negative_prompt", Text{"the negative prompt"}), &SdapiOwnFields::hr_negative_prompt},
        {facts("hr_checkpoint_name", Text{"the model's title"}), &SdapiOwnFields::hr_checkpoint_name},
        {facts("hr_sampler_name", Text{"the sampler's name"}), &SdapiOwnFields::hr_sampler_name},
        {facts("hr_scheduler", Text{"the scheduler's name"}), &SdapiOwnFields::hr_scheduler},
        {facts("denoising_strength", RealNumber{0.0, 1.0}), &SdapiOwnFields::denoising_strength},
        {facts("refiner_checkpoint", Text{"the model's title"}), &SdapiOwnFields::refiner_checkpoint},
        {facts("refiner_switch_at", RealNumber{0.0, 1.0}), &SdapiOwnFields::refiner_switch_at},
    };
    return table;
}

}  // namespace easel::server
