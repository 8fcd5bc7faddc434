// The endpoints of AUTOMATIC1111's API that draw and set.
#include <utility>

#include "server/json.h"
#include "server/refusal.h"
#include "server/routes.h"
#include "server/sdapi_answer.h"
#include "server/sdapi_request.h"
#include "server/waiting.h"
#include "settings/table.h"

namespace easel::server {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

std::optional<HttpResponse> draw(const Call& call, bool with_picture) {
    Service& service = call.service;
    auto asked = std::make_shared<SdapiRequest>(
        read_sdapi_request(object_in(call.request()), with_picture, service.defaults(), service.models));
    const auto job = service.make_job(std::move(asked->drawing), call.request(), *call.record);
    if (!asked->task.empty()) service.tasks.add(asked->task, job);
    answer_when_over(call, job, [asked](const Job& done) { return json_response(sdapi_answer(*asked, done)); });
    return std::nullopt;
}

std::optional<HttpResponse> txt2img(const Call& call) { return draw(call, false); }
std::optional<HttpResponse> img2img(const Call& call) { return draw(call, true); }

HttpResponse null_response() { return json_response(nullptr); }

/// Only what clients look for: what they find there they show, compare, or send back.
ordered_json options_json(const Service& service) {
    const std::string model = service.models.chosen();
    return {{"samples_format", "png"},
            {"sd_model_checkpoint", model},
            {"sd_checkpoint_hash", ""},
            {"sd_vae", "Automatic"},
            {"CLIP_stop_at_last_layers", service.defaults().clip_skip},
            {"eta_noise_seed_delta", 0},
            {"inpainting_mask_weight", 1.0},
            {"initial_noise_multiplier", 1.0},
            {"img2img_color_correction", false},
            {"img2img_fix_steps", false},
            {"live_previews_enable", true},
            {"show_progress_every_n_steps", 1},
            {"grid_save", false},
            {"return_grid", false}};
}

std::optional<HttpResponse> get_options(const Call& call) { return json_response(options_json(call.service)); }

std::optional<HttpResponse> set_options(const Call& call) {
    Service& service = call.service;
    const json body = object_in(call.request(), true);
    SdapiDefaults defaults = service.defaults();
    if (const json& value = value_at(body, "CLIP_stop_at_last_layers"); !value.is_null())
        defaults.clip_skip = std::get<int>(value_from_json(setting("clip_skip"), value));
    const json& model = value_at(body, "sd_model_checkpoint");
    if (!model.is_null() && !model.is_string()) refuse_field(422, "sd_model_checkpoint", "give a model's title");
    const std::string title =
        model.is_null() || model == "" ? service.models.chosen() : service.models.find(model.get<std::string>()).title;

    service.set_defaults(defaults);
    if (title == service.models.chosen()) return null_response();
    Drawing load{.task = Drawing::Task::load, .model = title, .model_stays = true};
    answer_when_over(call, service.make_job(std::move(load), call.request(), *call.record),
                     [](const Job&) { return null_response(); });
    return std::nullopt;
}

std::optional<HttpResponse> run_task(const Call& call, Drawing::Task task) {
    Drawing drawing;
    drawing.task = task;
    answer_when_over(call, call.service.make_job(std::move(drawing), call.request(), *call.record),
                     [](const Job&) { return null_response(); });
    return std::nullopt;
}
std::optional<HttpResponse> reload(const Call& call) { return run_task(call, Drawing::Task::load); }
std::optional<HttpResponse> unload(const Call& call) { return run_task(call, Drawing::Task::unload); }

std::optional<HttpResponse> refresh_models(const Call& call) {
    call.service.models.refresh();
    return null_response();
}
std::optional<HttpResponse> refresh_nothing(const Call&) { return null_response(); }

std::optional<HttpResponse> interrupt(const Call& call) {
    if (const auto job = call.service.queue.running()) job->interrupt();
    return json_response(ordered_json::object());
}
std::optional<HttpResponse> skip(const Call& call) {
    if (const auto job = call.service.queue.running()) job->skip();
    return null_response();
}

}  // namespace

std::span<const Route> sdapi_routes() {
    static constexpr Route routes[] = {
        {"POST", "/sdapi/v1/txt2img", txt2img},
        {"POST", "/sdapi/v1/img2img", img2img},
        {"GET", "/sdapi/v1/options", get_options, Where::network},
        {"POST", "/sdapi/v1/options", set_options},
        {"POST", "/sdapi/v1/interrupt", interrupt, Where::network},
        {"POST", "/sdapi/v1/skip", skip, Where::network},
        {"POST", "/sdapi/v1/refresh-checkpoints", refresh_models},
        {"POST", "/sdapi/v1/refresh-vae", refresh_nothing, Where::network},
        {"POST", "/sdapi/v1/refresh-loras", refresh_nothing, Where::network},
        {"POST", "/sdapi/v1/reload-checkpoint", reload},
        {"POST", "/sdapi/v1/unload-checkpoint", unload},
    };
    return routes;
}

}  // namespace easel::server
