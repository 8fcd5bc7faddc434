// OpenAI's images API.
#include <atomic>
#include <ctime>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "base/base64.h"
#include "pictures/write.h"
#include "server/failure.h"
#include "server/json.h"
#include "server/openai_request.h"
#include "server/refusal.h"
#include "server/routes.h"
#include "server/waiting.h"

namespace easel::server {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

std::string_view name_of_format(PictureFormat format) {
    return format == PictureFormat::png ? "png" : format == PictureFormat::jpeg ? "jpeg" : "webp";
}

std::string encoded(const OpenAiRequest& asked, const DrawnPicture& drawn) {
    return encode_picture(drawn.picture, asked.format, drawn.parameters);
}

ordered_json answer_of(const Call& call, const OpenAiRequest& asked, const Job& job) {
    ordered_json data = ordered_json::array();
    for (const auto& picture : job.status().pictures) {
        std::string bytes = encoded(asked, *picture);
        if (!asked.as_url) {
            data.push_back({{"b64_json", base64(bytes)}});
            continue;
        }
        const std::string type = fmt::format("image/{}", name_of_format(asked.format));
        const std::string stored = call.service.pictures.add({type, std::move(bytes)});
        data.push_back({{"url", fmt::format("http://{}/pictures/{}", call.request().header("Host"), stored)}});
    }
    return {
        {"created", std::time(nullptr)}, {"data", std::move(data)}, {"output_format", name_of_format(asked.format)}};
}

/// The events of a picture that is drawn while the client watches.
class PictureStream : public std::enable_shared_from_this<PictureStream> {
  public:
    PictureStream(const Call& call, OpenAiRequest asked, std::shared_ptr<Job> job, std::string kind)
        : call_(call), asked_(std::move(asked)), job_(std::move(job)), kind_(std::move(kind)) {}

    void begin() {
        call_.service.queue.add(job_);
        call_.exchange->begin_stream({.type = "text/event-stream"}, ":\n\n");
        job_->observe([self = shared_from_this()] { self->tell_soon(); });
        call_.exchange->when_gone([&service = call_.service, weak = std::weak_ptr(job_)] {
            if (const auto job = weak.lock()) service.queue.cancel(*job);
        });
        tell_soon();
    }

  private:
    void tell_soon() {
        if (is_due_.exchange(true)) return;
        call_.service.workers.run([self = shared_from_this()] {
            self->is_due_ = false;
            self->tell();
        });
    }

    void tell() {
        const std::lock_guard lock(mutex_);
        if (is_over_) return;
        const JobStatus status = job_->status();
        if (status.preview && partials_ < asked_.partial_images &&
            status.progress >= static_cast<double>(partials_ + 1) / (asked_.partial_images + 1)) {
            ordered_json event = event_of("partial_image", encode_picture(*status.preview, asked_.format, ""));
            event["partial_image_index"] = partials_++;
            send(event);
        }
        if (!status.is_over()) return;
        is_over_ = true;
        for (const auto& picture : status.pictures) send(event_of("completed", encoded(asked_, *picture)));
        if (status.thrown)
            call_.exchange->send(fmt::format("event: error\ndata: {}\n\n",
                                             as_openai_error(failure_of(status.thrown, openai_name)).body));
        call_.exchange->end_stream();
    }

    ordered_json event_of(std::string_view what, const std::string& bytes) const {
        return {{"type", fmt::format("{}.{}", kind_, what)},
                {"b64_json", base64(bytes)},
                {"created_at", std::time(nullptr)},
                {"output_format", name_of_format(asked_.format)},
                {"background", "opaque"}};
    }

    void send(const ordered_json& event) {
        call_.exchange->send(fmt::format("event: {}\ndata: {}\n\n", event["type"].get<std::string>(), event.dump()));
    }

    const Call call_;
    const OpenAiRequest asked_;
    const std::shared_ptr<Job> job_;
    const std::string kind_;
    std::atomic<bool> is_due_ = false;
    std::mutex mutex_;
    bool is_over_ = false;
    int partials_ = 0;
};

std::optional<HttpResponse> draw(const Call& call, OpenAiTask task) {
    OpenAiRequest asked = read_openai_request(call.request(), task, call.service.models);
    const auto job = call.service.make_job(std::move(asked.drawing));
    if (asked.stream) {
        const char* kind = task == OpenAiTask::generation ? "image_generation" : "image_edit";
        std::make_shared<PictureStream>(call, std::move(asked), job, kind)->begin();
        return std::nullopt;
    }
    answer_when_over(call, job, [call, asked = std::make_shared<OpenAiRequest>(std::move(asked))](const Job& done) {
        return json_response(answer_of(call, *asked, done));
    });
    return std::nullopt;
}

std::optional<HttpResponse> generations(const Call& call) { return draw(call, OpenAiTask::generation); }
std::optional<HttpResponse> edits(const Call& call) { return draw(call, OpenAiTask::edit); }
std::optional<HttpResponse> variations(const Call& call) { return draw(call, OpenAiTask::variation); }

ordered_json told(const NamedModel& model) {
    return {{"id", model.title}, {"object", "model"}, {"created", 0}, {"owned_by", "easel"}};
}

std::optional<HttpResponse> models(const Call& call) {
    ordered_json list = ordered_json::array();
    for (const NamedModel& model : call.service.models.list()) list.push_back(told(model));
    return json_response({{"object", "list"}, {"data", list}});
}

std::optional<HttpResponse> model(const Call& call) {
    return json_response(told(call.service.models.find(call.values.at(0))));
}

std::optional<HttpResponse> stored_picture(const Call& call) {
    const auto picture = call.service.pictures.find(call.values.at(0));
    if (!picture) refuse_with(404, "there is no such picture; they are kept for ten minutes");
    return HttpResponse{.type = picture->type, .body = picture->bytes};
}

constexpr Route routes[] = {
    {"GET", "/v1/models", models, Where::network},   {"GET", "/v1/models/{id}", model, Where::network},
    {"POST", "/v1/images/generations", generations}, {"POST", "/v1/images/edits", edits},
    {"POST", "/v1/images/variations", variations},   {"GET", "/pictures/{name}", stored_picture},
};

}  // namespace

std::span<const Route> openai_routes() { return routes; }

}  // namespace easel::server
