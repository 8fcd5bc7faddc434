#include "server/openai_request.h"

#include <charconv>
#include <optional>
#include <utility>

#include "base/quoted.h"
#include "pictures/fit.h"
#include "pictures/mask.h"
#include "server/json.h"
#include "server/multipart.h"
#include "server/picture_field.h"
#include "server/refusal.h"
#include "server/sampler_choice.h"
#include "settings/table.h"

namespace easel::server {
namespace {

using nlohmann::json;

constexpr int most_pictures = 10;
constexpr int size_step = 8;

/// The fields that are settings of easel's: prompt is the API's, the others are additions to it.
constexpr std::pair<const char*, std::string_view> field_names[] = {{"prompt", "prompt"},
                                                                    {"negative_prompt", "negative_prompt"},
                                                                    {"seed", "seed"},
                                                                    {"steps", "num_inference_steps"},
                                                                    {"cfg_scale", "guidance_scale"},
                                                                    {"strength", "strength"}};

/// The fields of a request, and its files by the names of their fields.
struct Form {
    json fields = json::object();
    std::map<std::string, std::string_view, std::less<>> files;
};

Form read_form(const HttpRequest& request) {
    Form form;
    for (const FormField& field : parse_form(request.body, request.header("Content-Type"))) {
        std::string name(field.name);
        if (name.ends_with("[]")) name.resize(name.size() - 2);
        const bool is_picture = field.is_file || name == "image" || name == "mask";
        if (is_picture && !form.files.emplace(name, field.content).second) refuse_field(400, name, "give one picture");
        if (!is_picture) form.fields[name] = std::string(field.content);
    }
    return form;
}

std::string text_at(const json& fields, const char* name) {
    const json& value = value_at(fields, name);
    if (value.is_null()) return {};
    if (!value.is_string()) refuse_field(400, name, "give a text");
    return value.get<std::string>();
}

int number_at(const json& fields, const char* name, int least, int most, int standard) {
    const json& value = value_at(fields, name);
    if (value.is_null() || value == "") return standard;
    const SettingFacts facts{.field = name, .kind = WholeNumber{least, most}};
    return std::get<int>(value_from_json(facts, value));
}

bool is_true(const json& value) { return value == true || value == "true"; }

/// "512x768"; nothing for "auto".
std::optional<std::pair<int, int>> size_at(const json& fields) {
    const std::string text = text_at(fields, "size");
    if (text.empty() || text == "auto") return std::nullopt;
    int width = 0, height = 0;
    const char* const end = text.data() + text.size();
    const auto [x, bad_width] = std::from_chars(text.data(), end, width);
    const bool has_x = bad_width == std::errc() && x < end && *x == 'x';
    const auto [rest, bad_height] = std::from_chars(has_x ? x + 1 : end, end, height);
    if (!has_x || bad_height != std::errc() || rest != end)
        refuse_field(400, "size", "{} is none; give one such as 512x512, or auto", in_quotes(text));
    for (const int side : {width, height})
        if (side < size_step || side > largest_side)
            refuse_field(400, "size", "{} is out of range; each side can be {} to {}", in_quotes(text), size_step,
                         largest_side);
    return std::pair(width / size_step * size_step, height / size_step * size_step);
}

PictureFormat format_at(const json& fields) {
    const std::string text = text_at(fields, "output_format");
    if (text.empty() || text == "png") return PictureFormat::png;
    if (text == "jpeg") return PictureFormat::jpeg;
    if (text == "webp") return PictureFormat::webp;
    refuse_field(400, "output_format", "{} is none; give png, jpeg or webp", in_quotes(text));
}

void read_settings(Request& request, const json& fields) {
    for (const auto& [name, field] : field_names) {
        const json& value = value_at(fields, name);
        if (!value.is_null()) set(request, setting(field), value_from_json(setting(field), value));
    }
    if (request.prompt.size() > longest_prompt)
        refuse_field(400, "prompt", "it has {} bytes, and at most {} are taken", request.prompt.size(), longest_prompt);
    choose_sampler(request, text_at(fields, "sampler"), text_at(fields, "scheduler"), "sampler");
}

void read_pictures(Request& request, const Form& form, std::optional<std::pair<int, int>> size) {
    const auto image = form.files.find("image");
    if (image == form.files.end()) refuse_field(400, "image", "give a picture as a file of the form");
    request.init_image = picture_of(image->second, "image");
    const auto to_size = [&](const auto& whole) {
        return size ? fitted(whole, size->first, size->second, Fit::crop) : whole;
    };
    if (const auto file = form.files.find("mask"); file != form.files.end()) {
        const auto opacity = opacity_of(file->second, "mask");
        if (!opacity) refuse_field(400, "mask", "nothing in it is transparent, so that nothing would be repainted");
        if (opacity->width != request.init_image->width || opacity->height != request.init_image->height)
            refuse_field(400, "mask", "it has {}x{} pixels and the picture {}x{}; they must be the same",
                         opacity->width, opacity->height, request.init_image->width, request.init_image->height);
        request.mask = to_size(inverted(*opacity));
    }
    request.init_image = to_size(*request.init_image);
}

}  // namespace

bool stands_for_any_model(std::string_view name) {
    return name.empty() || name.starts_with("dall-e-") || name.starts_with("gpt-image-") ||
           name.starts_with("chatgpt-image-");
}

OpenAiRequest read_openai_request(const HttpRequest& request, OpenAiTask task, const Models& models) {
    Form form;
    if (task == OpenAiTask::generation)
        form.fields = object_in(request);
    else
        form = read_form(request);
    const json& fields = form.fields;

    OpenAiRequest read;
    Request& drawn = read.drawing.request;
    if (task != OpenAiTask::variation && text_at(fields, "prompt").empty())
        refuse_field(400, "prompt", "say what to draw");
    read_settings(drawn, fields);
    const auto size = size_at(fields);
    if (task == OpenAiTask::generation && size) {
        drawn.width = size->first;
        drawn.height = size->second;
    }
    if (task != OpenAiTask::generation) read_pictures(drawn, form, size);

    read.drawing.pictures = number_at(fields, "n", 1, most_pictures, 1);
    if (const std::string model = text_at(fields, "model"); !stands_for_any_model(model))
        read.drawing.model = models.find(model).title;
    const std::string format = text_at(fields, "response_format");
    if (!format.empty() && format != "b64_json" && format != "url")
        refuse_field(400, "response_format", "{} is none; give b64_json or url", in_quotes(format));
    read.as_url = format == "url";
    if (text_at(fields, "background") == "transparent")
        refuse_field(400, "background", "pictures are not transparent; leave it out");
    read.format = format_at(fields);
    read.stream = is_true(value_at(fields, "stream"));
    read.partial_images = number_at(fields, "partial_images", 0, 3, 0);
    return read;
}

std::string openai_name(const std::string& field) {
    for (const auto& [name, own] : field_names)
        if (own == field) return name;
    if (field == "width" || field == "height") return "size";
    if (field == "schedule") return "scheduler";
    if (field == "init_image") return "image";
    return field;
}

}  // namespace easel::server
