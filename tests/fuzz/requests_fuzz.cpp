// Whatever a client sends, it is refused, or it is a drawing whose numbers can be computed with.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <easel/error.h>

#include "server/json.h"
#include "server/multipart.h"
#include "server/openai_request.h"
#include "server/sdapi_request.h"

namespace {

using namespace easel;
using namespace easel::server;

const Models& models() {
    static const Models models("model.safetensors", {});
    return models;
}

void check(const Drawing& drawing, int most_pictures) {
    const Request& request = drawing.request;
    if (drawing.pictures < 1 || drawing.pictures > most_pictures) std::abort();
    for (const auto& side : {request.width, request.height})
        if (side && (*side < 8 || *side > 4096)) std::abort();
    if (request.mask && !request.init_image) std::abort();
    for (const Control& control : request.controls) {
        if (!(control.scale >= 0.0 && control.start >= 0.0 && control.start < control.end && control.end <= 1.0))
            std::abort();
        if (control.picture ? control.picture->width != request.width.value_or(control.picture->width) : !request.mask)
            std::abort();
    }
    if (drawing.part && drawing.part->mask.pixels.size() * 3 != drawing.part->whole.pixels.size()) std::abort();
}

void read(char kind, HttpRequest request) {
    if (kind == 't' || kind == 'i') {
        check(read_sdapi_request(object_in(request), kind == 'i', {}, models()).drawing, 64);
    } else if (kind == 'u') {
        set_target(request, request.body);
        if (request.path.find('\0') != std::string::npos && request.body.find("%00") == std::string::npos &&
            request.body.find('\0') == std::string::npos)
            std::abort();
    } else {
        const bool is_form = kind == 'f' || kind == 'v';
        request.headers = {{"Content-Type", is_form ? "multipart/form-data; boundary=b" : "application/json"}};
        const OpenAiTask task = kind == 'f'   ? OpenAiTask::edit
                                : kind == 'v' ? OpenAiTask::variation
                                              : OpenAiTask::generation;
        check(read_openai_request(request, task, models()).drawing, 10);
    }
}

}  // namespace

/// The first byte says what the rest is: the body of 't'xt2img or 'i'mg2img, a 'u'rl's path and query, or the body of
/// OpenAI's edits (a 'f'orm), 'v'ariations or generations.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    try {
        HttpRequest request;
        request.body.assign(reinterpret_cast<const char*>(data) + 1, size - 1);
        read(static_cast<char>(data[0]), std::move(request));
    } catch (const Error&) {  // a refusal is as good
    }
    return 0;
}
