// easel's own API: jobs that go on when their client goes, and report by events.
#include <charconv>
#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include <easel/easel.h>

#include "annotators/annotators.h"
#include "base/base64.h"
#include "collection/control_files.h"
#include "collection/embedding_files.h"
#include "collection/lora_files.h"
#include "collection/upscaler_files.h"
#include "pictures/write.h"
#include "server/failure.h"
#include "server/job_changes.h"
#include "server/json.h"
#include "server/known_words.h"
#include "server/refusal.h"
#include "server/routes.h"
#include "server/sampler_choice.h"
#include "server/sdapi_request.h"
#include "settings/latent_upscaler.h"
#include "settings/table.h"

namespace easel::server {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

std::string path_of(const Job& job) { return "/easel/v1/jobs/" + job.id(); }

ordered_json pictures_of(const Job& job, const JobStatus& status) {
    ordered_json pictures = ordered_json::array();
    for (const auto& picture : status.pictures)
        pictures.push_back({{"seed", picture->seed},
                            {"url", fmt::format("{}/pictures/{}", path_of(job), pictures.size())},
                            {"width", picture->picture.width},
                            {"height", picture->picture.height},
                            {"parameters", picture->parameters}});
    return pictures;
}

ordered_json error_of(const JobStatus& status) {
    if (!status.thrown) return nullptr;
    const Failure failure = failure_of(status.thrown, sdapi_name);
    return {{"message", failure.sentence},
            {"field", failure.field.empty() ? ordered_json(nullptr) : ordered_json(failure.field)}};
}

ordered_json job_json(const Service& service, const Job& job, const JobStatus& status) {
    return {{"id", job.id()},
            {"state", name(status.state)},
            {"position", service.queue.position_of(job)},
            {"progress", status.progress},
            {"eta", status.seconds_left()},
            {"stage", name(status.stage)},
            {"picture", status.picture},
            {"count", job.drawing().pictures},
            {"step", status.step},
            {"steps", status.steps},
            {"seconds", status.seconds},
            {"pictures", pictures_of(job, status)},
            {"interrupted", status.interrupted},
            {"notes", status.notes},
            {"error", error_of(status)}};
}

std::vector<std::string> names_in(const NamedFolder& folder) {
    std::vector<std::string> names;
    for (const auto& path : named_files(folder)) names.push_back(path.stem().string());
    return names;
}

std::vector<std::string_view> latent_names() {
    std::vector<std::string_view> names;
    for (const LatentUpscaler& upscaler : latent_upscalers) names.push_back(upscaler.web_ui_name);
    return names;
}

/// Of those that enlarge pictures.
std::vector<std::string> upscaler_names(const Collection& collection) {
    std::vector<std::string> names = names_in(upscaler_folder(collection.upscaler_dir));
    names.insert(names.begin(), std::string(lanczos_web_ui_name));
    return names;
}

std::vector<std::string> names_of_controlnets(const Service& service) {
    std::vector<std::string> names;
    for (const auto& path : controlnets_in(service.collection.control_dir)) names.push_back(controlnet_name(path));
    return names;
}

std::vector<std::string_view> names_of_annotators() {
    std::vector<std::string_view> names;
    for (const Annotator& annotator : annotators()) names.push_back(annotator.name);
    return names;
}

std::shared_ptr<Job> job_of(const Call& call) {
    if (auto job = call.service.jobs.find(call.values.at(0))) return job;
    refuse_with(404, "there is no such job; they are kept for ten minutes after they end");
}

std::optional<HttpResponse> capabilities(const Call& call) {
    const Models& models = call.service.models;
    const ModelInfo info = models.opened();
    std::vector<std::string> titles, samplers, schedules, features = {"txt2img", "img2img", "inpaint"};
    if (PersonMasks::are_possible()) features.emplace_back("person_mask");
    ordered_json automatic = ordered_json::object();
    for (const NamedModel& model : models.list()) titles.push_back(model.title);
    for (const ListedSampler& sampler : listed_samplers()) {
        samplers.push_back(sampler.name);
        automatic[sampler.name] = automatic_scheduler(sampler.name);
    }
    for (const ListedScheduler& scheduler : listed_schedulers()) schedules.emplace_back(scheduler.label);
    return json_response(
        {{"version", version()},
         {"model", models.chosen()},
         {"models", titles},
         {"samplers", samplers},
         {"schedules", schedules},
         {"automatic_schedules", automatic},
         {"features", features},
         {"limits", {{"largest_side", largest_side}, {"steps", most_inference_steps}, {"pictures", 64}}},
         {"defaults",
          {{"width", info.native_width},
           {"height", info.native_height},
           {"steps", info.num_inference_steps},
           {"cfg_scale", info.guidance_scale},
           {"sampler", info.sampler}}},
         {"fixed_size", info.fixed_size},
         {"words", known_words(models.find("").path)},
         {"latent_upscalers", latent_names()},
         {"upscalers", upscaler_names(call.service.collection)},
         {"loras", names_in(lora_folder(call.service.collection.lora_dir))},
         {"embeddings", names_in(embedding_folder(call.service.collection.embedding_dir))},
         {"controlnets", names_of_controlnets(call.service)},
         {"annotators", names_of_annotators()}});
}

std::optional<HttpResponse> post_job(const Call& call) {
    Service& service = call.service;
    const std::string key(call.request().header("Idempotency-Key"));
    if (!key.empty())
        if (const auto known = service.jobs.find_by_key(key, call.request().body)) {
            HttpResponse again = json_response(job_json(service, *known, known->status()), 202);
            again.headers.emplace_back("Location", path_of(*known));
            return again;
        }
    const json body = object_in(call.request());
    const bool with_picture = !value_at(body, "init_images").is_null();
    SdapiRequest asked = read_sdapi_request(body, with_picture, service.defaults(), service.models);
    const auto job = service.make_job(std::move(asked.drawing), call.request(), *call.record);
    service.queue.add(job);
    service.jobs.add(job);
    if (!key.empty()) service.jobs.remember_key(key, call.request().body, job);
    HttpResponse response = json_response(job_json(service, *job, job->status()), 202);
    response.headers.emplace_back("Location", path_of(*job));
    return response;
}

std::optional<HttpResponse> get_job(const Call& call) {
    const auto job = job_of(call);
    return json_response(job_json(call.service, *job, job->status()));
}

std::optional<HttpResponse> delete_job(const Call& call) {
    const auto job = job_of(call);
    call.service.queue.cancel(*job);
    call.service.jobs.remove(job->id());
    return HttpResponse{.status = 204, .type = ""};
}

std::optional<HttpResponse> finish_job(const Call& call) {
    const auto job = job_of(call);
    job->interrupt();
    return json_response(job_json(call.service, *job, job->status()));
}

std::optional<HttpResponse> picture(const Call& call) {
    const JobStatus status = job_of(call)->status();
    const std::string& text = call.values.at(1);
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number >= status.pictures.size())
        refuse_with(404, "this job has no such picture");
    const DrawnPicture& drawn = *status.pictures[number];
    return HttpResponse{
        .type = "image/png",
        .body = encode_picture(drawn.picture, PictureFormat::png, drawn.parameters),
        .headers = {{"Cache-Control", "private, max-age=600"},
                    {"Content-Disposition", fmt::format(R"(inline; filename="easel-{}.png")", drawn.seed)}}};
}

/// The events of a job for one client. Each is the job's whole state, and its id the number of changes so far: who
/// comes back misses nothing.
class JobEvents {
  public:
    JobEvents(Call call, std::shared_ptr<Job> job)
        : call_(std::move(call)), job_(std::move(job)), seen_(last_event_seen(call_.request())) {}

    void send(const JobStatus& status) {
        if (status.changes <= seen_ && !status.is_over()) return;
        const auto now = std::chrono::steady_clock::now();
        if (is_but_a_step(status) && now - sent_ < least_time_between_steps) return;
        ordered_json event = job_json(call_.service, *job_, status);
        if (status.preview && status.preview != last_.preview)
            event["preview"] =
                "data:image/png;base64," + base64(encode_picture(*status.preview, PictureFormat::png, ""));
        const std::string_view kind = status.state == JobState::running ? "progress" : name(status.state);
        send_event(*call_.exchange, fmt::format("id: {}\nevent: {}\n", status.changes, kind),
                   event.dump(-1, ' ', false, json::error_handler_t::replace));
        seen_ = status.changes;
        sent_ = now;
        last_ = status;
    }

  private:
    /// Telling of each step would take as long as the steps of a small model. One that is left out is followed by
    /// another just as soon.
    static constexpr std::chrono::milliseconds least_time_between_steps{100};

    bool is_but_a_step(const JobStatus& status) const {
        return status.state == JobState::running && status.state == last_.state && status.stage == Stage::denoise &&
               status.stage == last_.stage && status.picture == last_.picture && (last_.preview || !status.preview) &&
               status.step < status.steps;
    }

    const Call call_;
    const std::shared_ptr<Job> job_;
    std::uint64_t seen_;
    JobStatus last_;
    std::chrono::steady_clock::time_point sent_;
};

std::optional<HttpResponse> events(const Call& call) {
    const auto job = job_of(call);
    const auto events = std::make_shared<JobEvents>(call, job);
    answer_with_changes(call, job,
                        {.report = [events](const JobStatus& status) { events->send(status); }, .on_gone = {}});
    return std::nullopt;
}

}  // namespace

std::span<const Route> job_routes() {
    static constexpr Route routes[] = {
        {"GET", "/easel/v1/capabilities", capabilities},
        {"POST", "/easel/v1/jobs", post_job},
        {"GET", "/easel/v1/jobs/{id}", get_job},
        {"DELETE", "/easel/v1/jobs/{id}", delete_job},
        {"POST", "/easel/v1/jobs/{id}/finish", finish_job},
        {"GET", "/easel/v1/jobs/{id}/events", events},
        {"GET", "/easel/v1/jobs/{id}/pictures/{number}", picture},
    };
    return routes;
}

}  // namespace easel::server
