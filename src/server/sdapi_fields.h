#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "settings/setting.h"

namespace easel::server {

constexpr int most_sdapi_pictures = 64;

/// A field of AUTOMATIC1111's API that is a setting of easel's.
struct SdapiName {
    const char* name;
    /// In the settings table.
    std::string_view field;
    /// Whether only img2img has it.
    bool of_picture = false;
};
std::span<const SdapiName> sdapi_names();
/// The same for the names in override_settings.
std::span<const SdapiName> sdapi_override_names();

/// The fields that are the API's own, with their defaults.
struct SdapiOwnFields {
    int batch_size = 1;
    int n_iter = 1;
    bool send_images = true;
    bool save_images = false;
    bool include_init_images = false;
    bool override_settings_restore_afterwards = true;
    std::string sampler_name, sampler_index, scheduler, force_task_id, infotext;
    int resize_mode = 0;
    std::optional<double> mask_blur, mask_blur_x, mask_blur_y;
    int inpainting_fill = 0;
    bool inpaint_full_res = true;
    int inpaint_full_res_padding = 0;
    bool inpainting_mask_invert = false;
    bool enable_hr = false;
    double hr_scale = 2.0;
    int hr_resize_x = 0, hr_resize_y = 0, hr_second_pass_steps = 0;
    std::string hr_upscaler, hr_prompt, hr_negative_prompt, hr_checkpoint_name, hr_sampler_name, hr_scheduler;
    /// Of txt2img: the second pass's.
    std::optional<double> denoising_strength;
    std::string refiner_checkpoint;
    std::optional<double> refiner_switch_at;
};
std::span<const Setting<SdapiOwnFields>> sdapi_own_fields();

}  // namespace easel::server
