// What helps to fill in a request before it is drawn: the tokens of a prompt, the mask of a person, what a ControlNet
// sees.
#include <span>
#include <string>
#include <vector>

#include "base/base64.h"
#include "person/person_mask.h"
#include "pictures/write.h"
#include "server/control_fields.h"
#include "server/json.h"
#include "server/picture_field.h"
#include "server/refusal.h"
#include "server/routes.h"
#include "settings/lora_tags.h"
#include "settings/setting.h"
#include "settings/table.h"
#include "text/prompt_chunks.h"

namespace easel::server {
namespace {

using nlohmann::json;

std::optional<HttpResponse> tokens(const Call& call) {
    const json body = object_in(call.request());
    const json& prompt = value_at(body, "prompt");
    if (!prompt.is_string()) refuse_field(422, "prompt", "give a text");
    std::string text = prompt.get<std::string>();
    if (text.size() > longest_prompt)
        refuse_field(422, "prompt", "it has {} bytes, and at most {} are taken", text.size(), longest_prompt);
    take_lora_tags(text);  // the model does not read them
    const auto tokenizer = call.service.tokenizers.find(call.service.models.find(""));
    const TokenizedPrompt plain = tokenizer->encode(text);
    if (value_from_json(setting("prompt_syntax"), value_at(body, "prompt_syntax")) == Value(std::string("plain")))
        return json_response({{"ids", plain.ids},
                              {"count", plain.token_count},
                              {"limit", Tokenizer::most_tokens},
                              {"chunks", 1},
                              {"cut", plain.cut}});
    const PromptLength length = prompt_length(text, *tokenizer);
    return json_response({{"ids", plain.ids},
                          {"count", length.tokens},
                          {"limit", length.chunks * Tokenizer::most_tokens},
                          {"chunks", length.chunks},
                          {"cut", json::array()}});
}

std::span<const Setting<PersonMaskOptions>> mask_fields() {
    static const std::vector<Setting<PersonMaskOptions>> table = {
        {{.field = "threshold", .kind = RealNumber{0.0, 1.0}}, &PersonMaskOptions::threshold},
        {{.field = "invert", .kind = Truth{}}, &PersonMaskOptions::invert},
        {{.field = "grow", .kind = WholeNumber{0, 1000}}, &PersonMaskOptions::grow},
        {{.field = "feather", .kind = RealNumber{0.0, 1000.0}}, &PersonMaskOptions::feather},
    };
    return table;
}

/// That nobody is in the picture is its sender's fault.
Mask person_in(const Picture& picture, const PersonMaskOptions& options, PersonMasks& masks) {
    try {
        return masks.make(picture, options);
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::failed) throw Refusal(422, error.what(), "image");
        throw;
    }
}

std::optional<HttpResponse> mask(const Call& call) {
    const json body = object_in(call.request());
    PersonMaskOptions options;
    for (const Setting<PersonMaskOptions>& row : mask_fields())
        if (const json& value = value_at(body, std::string(row.field).c_str()); !value.is_null())
            set(options, row, value_from_json(row, value));
    const Picture picture = picture_of(picture_bytes(value_at(body, "image"), "image"), "image");
    return json_response({{"mask", base64(encode_mask(person_in(picture, options, call.service.person_masks)))}});
}

std::optional<HttpResponse> annotate(const Call& call) {
    const Picture picture = read_control_picture(object_in(call.request()), call.service.models);
    return json_response({{"picture", base64(encode_picture(picture, PictureFormat::png, ""))}});
}

}  // namespace

std::span<const Route> help_routes() {
    static constexpr Route routes[] = {
        {"POST", "/easel/v1/tokens", tokens},
        {"POST", "/easel/v1/mask", mask},
        {"POST", "/easel/v1/annotate", annotate},
    };
    return routes;
}

}  // namespace easel::server
