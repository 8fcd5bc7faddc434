#include "server/sdapi_answer.h"

#include <map>
#include <string>
#include <vector>

#include "base/base64.h"
#include "pictures/write.h"
#include "settings/lora_tags.h"
#include "settings/stored_settings.h"

namespace easel::server {
namespace {

using nlohmann::ordered_json;

/// The settings that a picture was drawn with, as its text has them.
class DrawnWith {
  public:
    explicit DrawnWith(const DrawnPicture& picture)
        : request(parse_parameters(picture.parameters, "the picture").request),
          width(picture.picture.width),
          height(picture.picture.height) {
        for (auto& [key, value] : parameters_entries(picture.parameters, "the picture"))
            entries_[key] = std::move(value);
    }

    std::string entry(const char* key) const {
        const auto found = entries_.find(key);
        return found == entries_.end() ? std::string() : found->second;
    }

    const Request request;
    const int width, height;

  private:
    std::map<std::string, std::string> entries_;
};

/// The names of the web UI's answer that have no meaning here.
ordered_json info_without_meaning() {
    return {{"subseed", 0},
            {"subseed_strength", 0},
            {"restore_faces", false},
            {"face_restoration_model", nullptr},
            {"sd_model_hash", nullptr},
            {"sd_vae_name", nullptr},
            {"sd_vae_hash", nullptr},
            {"seed_resize_from_w", -1},
            {"seed_resize_from_h", -1},
            {"extra_generation_params", ordered_json::object()},
            {"index_of_first_image", 0},
            {"styles", ordered_json::array()},
            {"is_using_inpainting_conditioning", false}};
}

ordered_json info_of(const SdapiRequest& asked, const Job& job,
                     const std::vector<std::shared_ptr<const DrawnPicture>>& pictures, const DrawnWith& drawn) {
    const Request& request = drawn.request;
    const std::string prompt = job.drawing().request.prompt + lora_tags(job.drawing().request.loras);
    const std::string& negative = job.drawing().request.negative_prompt;
    const std::size_t count = pictures.size();
    ordered_json info = {{"prompt", prompt},
                         {"all_prompts", std::vector<std::string>(count, prompt)},
                         {"negative_prompt", negative},
                         {"all_negative_prompts", std::vector<std::string>(count, negative)},
                         {"seed", pictures.front()->seed}};
    std::vector<std::uint64_t> seeds;
    std::vector<std::string> texts;
    for (const auto& picture : pictures) {
        seeds.push_back(picture->seed);
        texts.push_back(picture->parameters);
    }
    info["all_seeds"] = seeds;
    info["all_subseeds"] = std::vector<int>(count, 0);
    info["width"] = request.width.value_or(drawn.width);
    info["height"] = request.height.value_or(drawn.height);
    info["sampler_name"] = drawn.entry("Sampler");
    info["cfg_scale"] = *request.guidance_scale;
    info["steps"] = *request.num_inference_steps;
    info["batch_size"] = asked.batch_size;
    info["sd_model_name"] = drawn.entry("Model");
    info["denoising_strength"] = request.strength ? ordered_json(*request.strength) : ordered_json(nullptr);
    info["infotexts"] = texts;
    info["job_timestamp"] = job.begun_at();
    info["clip_skip"] = request.clip_skip;
    info["version"] = drawn.entry("Version");
    info.update(info_without_meaning());
    return info;
}

}  // namespace

ordered_json sdapi_answer(const SdapiRequest& request, const Job& job) {
    const auto pictures = job.status().pictures;
    const DrawnWith drawn(*pictures.front());
    ordered_json images = ordered_json::array();
    if (request.send_images)
        for (const auto& picture : pictures)
            images.push_back(base64(encode_picture(picture->picture, request.format, picture->parameters)));

    ordered_json parameters = request.parameters;
    const auto fill_in = [&](const char* name, const auto& value) {
        if (parameters[name].is_null()) parameters[name] = value;
    };
    fill_in("steps", *drawn.request.num_inference_steps);
    fill_in("cfg_scale", *drawn.request.guidance_scale);
    fill_in("width", drawn.request.width.value_or(drawn.width));
    fill_in("height", drawn.request.height.value_or(drawn.height));
    fill_in("sampler_name", drawn.entry("Sampler"));
    fill_in("scheduler", drawn.entry("Schedule type"));
    return {
        {"images", std::move(images)},
        {"parameters", std::move(parameters)},
        {"info", info_of(request, job, pictures, drawn).dump(-1, ' ', false, ordered_json::error_handler_t::replace)}};
}

}  // namespace easel::server
