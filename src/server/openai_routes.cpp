// OpenAI's images API.
#include <ctime>
#include <utility>

#include <fmt/format.h>

#include "base/base64.h"
#include "pictures/write.h"
#include "server/failure.h"
#include "server/job_changes.h"
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

/// The events of pictures that are drawn while the client watches.
class PictureEvents {
  public:
    /// `kind` is the first part of the events' names.
    PictureEvents(std::shared_ptr<Exchange> exchange, OpenAiRequest asked, std::string kind)
        : exchange_(std::move(exchange)), asked_(std::move(asked)), kind_(std::move(kind)) {}

    void send(const JobStatus& status) {
        if (status.preview && partials_ < asked_.partial_images &&
            status.progress >= static_cast<double>(partials_ + 1) / (asked_.partial_images + 1)) {
            ordered_json event = event_of("partial_image", encode_picture(*status.preview, asked_.format, ""));
            event["partial_image_index"] = partials_++;
            send(event);
        }
        if (!status.is_over()) return;
        for (const auto& picture : status.pictures) send(event_of("completed", encoded(asked_, *picture)));
        if (status.thrown)
            send_event(*exchange_, "event: error\n", as_openai_error(failure_of(status.thrown, openai_name)).body);
    }

  private:
    ordered_json event_of(std::string_view what, const std::string& bytes) const {
        return {{"type", fmt::format("{}.{}", kind_, what)},
                {"b64_json", base64(bytes)},
                {"created_at", std::time(nullptr)},
                {"output_format", name_of_format(asked_.format)},
                {"background", "opaque"}};
    }

    void send(const ordered_json& event) {
        send_event(*exchange_, fmt::format("event: {}\n", event["type"].get<std::string>()), event.dump());
    }

    const std::shared_ptr<Exchange> exchange_;
    const OpenAiRequest asked_;
    const std::string kind_;
    int partials_ = 0;
};

void draw_with_events(const Call& call, const std::shared_ptr<Job>& job, OpenAiRequest asked, std::string kind) {
    call.service.queue.add(job);
    const auto events = std::make_shared<PictureEvents>(call.exchange, std::move(asked), std::move(kind));
    answer_with_changes(call, job,
                        {.report = [events](const JobStatus& status) { events->send(status); },
                         .on_gone =
                             [&service = call.service, weak = std::weak_ptr(job)] {
                                 if (const auto drawn = weak.lock()) service.queue.cancel(*drawn);
                             }});
}

std::optional<HttpResponse> draw(const Call& call, OpenAiTask task) {
    OpenAiRequest asked = read_openai_request(call.request(), task, call.service.models);
    const auto job = call.service.make_job(std::move(asked.drawing), call.request(), *call.record);
    if (asked.stream) {
        draw_with_events(call, job, std::move(asked),
                         task == OpenAiTask::generation ? "image_generation" : "image_edit");
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

ordered_json model_json(const NamedModel& model) {
    return {{"id", model.title}, {"object", "model"}, {"created", 0}, {"owned_by", "easel"}};
}

std::optional<HttpResponse> models(const Call& call) {
    ordered_json list = ordered_json::array();
    for (const NamedModel& model : call.service.models.list()) list.push_back(model_json(model));
    return json_response({{"object", "list"}, {"data", list}});
}

std::optional<HttpResponse> model(const Call& call) {
    return json_response(model_json(call.service.models.find(call.values.at(0))));
}

std::optional<HttpResponse> stored_picture(const Call& call) {
    const auto picture = call.service.pictures.find(call.values.at(0));
    if (!picture) refuse_with(404, "there is no such picture; they are kept for ten minutes");
    return HttpResponse{.type = picture->type, .body = picture->bytes};
}

}  // namespace

std::span<const Route> openai_routes() {
    static constexpr Route routes[] = {
        {"GET", "/v1/models", models, Where::network},   {"GET", "/v1/models/{id*}", model, Where::network},
        {"POST", "/v1/images/generations", generations}, {"POST", "/v1/images/edits", edits},
        {"POST", "/v1/images/variations", variations},   {"GET", "/pictures/{name}", stored_picture},
    };
    return routes;
}

}  // namespace easel::server
