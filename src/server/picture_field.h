#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include <easel/picture.h>

namespace easel::server {

/// The bytes of a picture in a field of JSON: base64, with or without "data:image/...;base64," before it. Addresses and
/// paths are not followed. Throws Refusal (422), naming the field.
std::string picture_bytes(const nlohmann::json& value, std::string_view field);

/// The picture in a file's bytes. Throws Refusal, naming the field: 422, or 413 where it is too large.
Picture picture_of(std::string_view bytes, std::string_view field);
/// The mask in them: where a picture is partly transparent, what is more opaque than not is white, else its grey.
Mask mask_of(std::string_view bytes, std::string_view field);
/// How opaque they are; none for a picture that is opaque all over.
std::optional<Mask> opacity_of(std::string_view bytes, std::string_view field);

}  // namespace easel::server
