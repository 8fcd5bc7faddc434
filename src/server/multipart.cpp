#include "server/multipart.h"

#include <algorithm>
#include <cctype>
#include <string>

#include "server/refusal.h"

namespace easel::server {
namespace {

constexpr std::size_t most_fields = 64;
constexpr std::size_t longest_boundary = 70;  // RFC 2046, 5.1.1
constexpr std::string_view line_end = "\r\n";

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

/// The value of name="..." or name=... in a header; none is empty and at its end.
std::string_view parameter(std::string_view header, std::string_view name, bool& found) {
    const std::string small = lower(header);
    for (std::size_t at = small.find(name); at != std::string::npos; at = small.find(name, at + 1)) {
        const bool begins = at > 0 && (small[at - 1] == ' ' || small[at - 1] == ';');
        const std::size_t equals = at + name.size();
        if (!begins || equals >= header.size() || header[equals] != '=') continue;
        found = true;
        std::string_view value = header.substr(equals + 1);
        if (!value.starts_with('"')) return value.substr(0, value.find_first_of("; "));
        value.remove_prefix(1);
        return value.substr(0, value.find('"'));
    }
    found = false;
    return {};
}

/// Cuts off and returns what is before the next `end`, which is cut off too.
std::string_view take_until(std::string_view& text, std::string_view end) {
    const std::size_t at = text.find(end);
    if (at == std::string_view::npos) refuse_with(400, "the form is cut short");
    const std::string_view taken = text.substr(0, at);
    text.remove_prefix(at + end.size());
    return taken;
}

FormField read_field(std::string_view& rest, std::string_view delimiter) {
    FormField field;
    bool is_named = false;
    for (std::string_view line = take_until(rest, line_end); !line.empty(); line = take_until(rest, line_end)) {
        if (!lower(line.substr(0, 20)).starts_with("content-disposition:")) continue;
        field.name = parameter(line, "name", is_named);
        parameter(line, "filename", field.is_file);
    }
    if (!is_named) refuse_with(400, "a field of the form has no name");
    field.content = take_until(rest, delimiter);
    return field;
}

}  // namespace

std::vector<FormField> parse_form(std::string_view body, std::string_view content_type) {
    bool has_boundary = false;
    const std::string_view boundary = parameter(content_type, "boundary", has_boundary);
    if (!lower(content_type.substr(0, 30)).starts_with("multipart/form-data") || boundary.empty() ||
        boundary.size() > longest_boundary)
        refuse_with(400, "send a form of type multipart/form-data with its boundary");
    const std::string first = "--" + std::string(boundary), delimiter = std::string(line_end) + first;

    std::vector<FormField> fields;
    if (body.starts_with(first))
        body.remove_prefix(first.size());
    else
        take_until(body, delimiter);
    while (!body.starts_with("--")) {
        if (fields.size() == most_fields) refuse_with(400, "the form has more than {} fields", most_fields);
        take_until(body, line_end);
        fields.push_back(read_field(body, delimiter));
    }
    return fields;
}

}  // namespace easel::server
