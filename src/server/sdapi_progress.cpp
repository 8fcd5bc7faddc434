// How far the work is, as AUTOMATIC1111's API tells it.
#include "base/base64.h"
#include "pictures/write.h"
#include "server/json.h"
#include "server/refusal.h"
#include "server/routes.h"

namespace easel::server {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

ordered_json preview_in(const JobStatus& status) {
    if (!status.preview) return nullptr;
    return base64(encode_picture(*status.preview, PictureFormat::png, ""));
}

std::optional<HttpResponse> progress(const Call& call) {
    const auto skipped = call.request().query.find("skip_current_image");
    const bool with_picture = skipped == call.request().query.end() || skipped->second.starts_with('f') ||
                              skipped->second.starts_with('F') || skipped->second == "0";
    const auto job = call.service.queue.running();
    const JobStatus status = job ? job->status() : JobStatus();
    const bool draws = job && job->drawing().task == Drawing::Task::draw;
    const ordered_json state = {{"skipped", status.skipped},
                                {"interrupted", status.interrupted},
                                {"stopping_generation", status.interrupted},
                                {"job", job ? job->id() : ""},
                                {"job_count", job ? job->drawing().pictures : 0},
                                {"job_timestamp", job ? job->begun_at() : "0"},
                                {"job_no", status.picture},
                                {"sampling_step", status.step},
                                {"sampling_steps", status.steps}};
    return json_response({{"progress", status.progress},
                          {"eta_relative", status.seconds_left()},
                          {"state", state},
                          {"current_image", with_picture ? preview_in(status) : ordered_json(nullptr)},
                          {"textinfo", draws ? ordered_json(name(status.stage)) : ordered_json(nullptr)},
                          {"current_task", job ? ordered_json(job->id()) : ordered_json(nullptr)}});
}

std::optional<HttpResponse> progress_of_task(const Call& call) {
    const json body = object_in(call.request());
    const json& id = value_at(body, "id_task");
    if (!id.is_string()) refuse_field(422, "id_task", "give the task's name");
    const auto [is_known, job] = call.service.tasks.find(id.get<std::string>());
    const JobStatus status = job ? job->status() : JobStatus();
    const bool runs = job && status.state == JobState::running;
    const bool waits = job && status.state == JobState::queued;
    ordered_json answer = {{"active", runs}, {"queued", waits}, {"completed", is_known && !runs && !waits}};
    answer["progress"] = runs ? ordered_json(status.progress) : ordered_json(nullptr);
    answer["eta"] = runs ? ordered_json(status.seconds_left()) : ordered_json(nullptr);
    const ordered_json preview = runs ? preview_in(status) : ordered_json(nullptr);
    answer["live_preview"] = preview.is_string() ? ordered_json("data:image/png;base64," + preview.get<std::string>())
                                                 : ordered_json(nullptr);
    answer["id_live_preview"] = status.step;
    answer["textinfo"] =
        waits ? "In queue: " + std::to_string(call.service.queue.position_of(*job)) : std::string(name(status.stage));
    return json_response(answer);
}

std::optional<HttpResponse> ping(const Call&) { return json_response(ordered_json::object()); }

std::optional<HttpResponse> queue_status(const Call& call) {
    const std::size_t size = call.service.queue.waiting() + (call.service.queue.running() ? 1 : 0);
    return json_response({{"queue_size", size}});
}

}  // namespace

std::span<const Route> sdapi_progress_routes() {
    static constexpr Route routes[] = {
        {"GET", "/sdapi/v1/progress", progress},
        {"POST", "/internal/progress", progress_of_task},
        {"GET", "/internal/ping", ping, Where::network},
        {"GET", "/queue/status", queue_status, Where::network},
    };
    return routes;
}

}  // namespace easel::server
