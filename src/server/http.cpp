#include "server/http.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstddef>
#include <system_error>

namespace easel::server {
namespace {

bool same_in_any_case(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
    return std::ranges::equal(a, b, {}, lower, lower);
}

/// %20 is a space, and in queries + too. What is no such code stays as it is.
std::string decoded(std::string_view text, bool plus_is_space) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned char byte = 0;
        const char* const code = text.data() + i + 1;
        if (text[i] == '%' && i + 2 < text.size() && std::from_chars(code, code + 2, byte, 16).ptr == code + 2) {
            out += static_cast<char>(byte);
            i += 2;
        } else {
            out += text[i] == '+' && plus_is_space ? ' ' : text[i];
        }
    }
    return out;
}

}  // namespace

const std::string* find_header(const Headers& headers, std::string_view name) {
    for (const auto& [key, value] : headers)
        if (same_in_any_case(key, name)) return &value;
    return nullptr;
}

std::string_view HttpRequest::header(std::string_view name) const {
    const std::string* const value = find_header(headers, name);
    return value ? std::string_view(*value) : std::string_view();
}

void set_target(HttpRequest& request, std::string_view target) {
    target = target.substr(0, target.find('#'));
    const std::size_t question = std::min(target.find('?'), target.size());
    request.path = decoded(target.substr(0, question), false);
    while (request.path.size() > 1 && request.path.ends_with('/')) request.path.pop_back();
    request.query.clear();
    for (std::string_view rest = target.substr(std::min(question + 1, target.size())); !rest.empty();) {
        const std::string_view pair = rest.substr(0, rest.find('&'));
        const std::size_t equals = std::min(pair.find('='), pair.size());
        request.query[decoded(pair.substr(0, equals), true)] =
            decoded(pair.substr(std::min(equals + 1, pair.size())), true);
        rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    }
}

std::uint64_t last_event_seen(const HttpRequest& request) {
    const std::string_view text = request.header("Last-Event-ID");
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? number : 0;
}

}  // namespace easel::server
