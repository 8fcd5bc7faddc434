#include "server/picture_field.h"

#include <span>

#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "pictures/read.h"
#include "server/refusal.h"

namespace easel::server {
namespace {

constexpr std::uint8_t half_opaque = 128;

std::span<const std::byte> as_bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

/// What `decode` makes of it; what is wrong with it is the client's fault.
template <typename Decode>
auto decoded(std::string_view field, Decode decode) {
    try {
        return decode(std::string(field));
    } catch (const Error& error) {
        throw Refusal(error.kind() == ErrorKind::unsupported ? 413 : 422, error.what(), std::string(field));
    }
}

}  // namespace

std::string picture_bytes(const nlohmann::json& value, std::string_view field) {
    if (!value.is_string()) refuse_field(422, field, "give a picture as a text in base64");
    std::string_view text = value.get_ref<const std::string&>();
    if (text.starts_with("http:") || text.starts_with("https:"))
        refuse_field(422, field, "addresses are not followed; send the picture itself, in base64");
    if (text.starts_with("data:")) {
        const std::size_t comma = text.find(',');
        if (!text.starts_with("data:image/") || comma == std::string_view::npos)
            refuse_field(422, field, "these data are no picture in base64");
        text.remove_prefix(comma + 1);
    }
    auto bytes = from_base64(text);
    if (!bytes) refuse_field(422, field, "this is not base64");
    if (bytes->empty()) refuse_field(422, field, "it holds no picture");
    return *std::move(bytes);
}

Picture picture_of(std::string_view bytes, std::string_view field) {
    return decoded(field, [&](const std::string& name) { return decode_picture(as_bytes(bytes), name); });
}

std::optional<Mask> opacity_of(std::string_view bytes, std::string_view field) {
    return decoded(field, [&](const std::string& name) { return decode_opacity(as_bytes(bytes), name); });
}

Mask mask_of(std::string_view bytes, std::string_view field) {
    auto opacity = opacity_of(bytes, field);
    if (!opacity) return decoded(field, [&](const std::string& name) { return decode_mask(as_bytes(bytes), name); });
    for (std::uint8_t& value : opacity->pixels) value = value > half_opaque ? 255 : 0;
    return *std::move(opacity);
}

}  // namespace easel::server
