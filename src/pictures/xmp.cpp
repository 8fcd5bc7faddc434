#include "pictures/xmp.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <utf8proc.h>

#include "pictures/unicode.h"

namespace easel {
namespace {

constexpr std::string_view begin =
    R"(<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">)"
    R"(<rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/"><exif:UserComment><rdf:Alt>)"
    R"(<rdf:li xml:lang="x-default">)";
constexpr std::string_view end = "</rdf:li></rdf:Alt></exif:UserComment></rdf:Description></rdf:RDF></x:xmpmeta>";

constexpr std::array<std::pair<std::string_view, char>, 5> entities = {
    {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};

/// What follows the first `opening` up to the first `closing` after it.
std::optional<std::string_view> between(std::string_view text, std::string_view opening, std::string_view closing) {
    const std::size_t at = text.find(opening);
    if (at == std::string_view::npos) return std::nullopt;
    text.remove_prefix(at + opening.size());
    const std::size_t size = text.find(closing);
    if (size == std::string_view::npos) return std::nullopt;
    return text.substr(0, size);
}

/// The character with a number, as "38" or "x26"; nothing when there is no such character.
std::string character(std::string_view number) {
    const bool hexadecimal = number.starts_with('x');
    if (hexadecimal) number.remove_prefix(1);
    std::uint32_t code = 0;
    const auto [stop, error] =
        std::from_chars(number.data(), number.data() + number.size(), code, hexadecimal ? 16 : 10);
    if (error != std::errc() || stop != number.data() + number.size() ||
        !utf8proc_codepoint_valid(static_cast<utf8proc_int32_t>(code)))
        return "";
    std::array<utf8proc_uint8_t, 4> bytes{};
    const auto size = utf8proc_encode_char(static_cast<utf8proc_int32_t>(code), bytes.data());
    return {reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(size)};
}

std::string of_entity(std::string_view name) {
    if (name.starts_with('#')) return character(name.substr(1));
    for (const auto& [entity, value] : entities)
        if (entity == name) return {value};
    return "";
}

std::string unescaped(std::string_view text) {
    constexpr std::size_t longest_entity = 10;
    std::string plain;
    while (!text.empty()) {
        const std::size_t at = text.find('&');
        plain += text.substr(0, at);
        if (at == std::string_view::npos) break;
        text.remove_prefix(at + 1);
        const std::size_t size = text.substr(0, longest_entity).find(';');
        if (size == std::string_view::npos) {
            plain += '&';
            continue;
        }
        plain += of_entity(text.substr(0, size));
        text.remove_prefix(size + 1);
    }
    return plain;
}

}  // namespace

std::string xmp_with_comment(std::string_view text) {
    std::string xmp(begin);
    for (const char c : text) {
        if (c == '&')
            xmp += "&amp;";
        else if (c == '<')
            xmp += "&lt;";
        else if (c == '>')
            xmp += "&gt;";
        else if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t')  // a reader of XML changes "\r"
            xmp += fmt::format("&#x{:X};", static_cast<unsigned>(c));
        else
            xmp += c;
    }
    return xmp.append(end);
}

std::optional<std::string> comment_of_xmp(std::string_view xmp) {
    const auto property = between(xmp, "<exif:UserComment>", "</exif:UserComment>");
    if (!property) return std::nullopt;
    const auto item = between(*property, "<rdf:li", "</rdf:li>");
    if (!item) return std::nullopt;
    const std::size_t text = item->find('>');
    if (text == std::string_view::npos) return std::nullopt;
    const std::string plain = unescaped(item->substr(text + 1));
    return utf8_or_latin1(std::as_bytes(std::span(plain)));
}

}  // namespace easel
