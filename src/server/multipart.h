#pragma once

#include <string_view>
#include <vector>

namespace easel::server {

/// A field of a form, within the form's own bytes.
struct FormField {
    std::string_view name;
    /// Whether it is a file.
    bool is_file = false;
    std::string_view content;
};

/// The fields of a body of type multipart/form-data (RFC 7578); `content_type` is the header, which has the boundary.
/// Throws Refusal (400) when it is none, is cut short, or has more than 64 fields.
std::vector<FormField> parse_form(std::string_view body, std::string_view content_type);

}  // namespace easel::server
