#include "settings/lora_tags.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/numbers.h"

namespace easel {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// What stands between "<" and ">", if a tag begins at `begin`: a word, a colon, and something more.
std::string_view inside_of_tag(std::string_view text, std::size_t begin) {
    const std::size_t end = text.find('>', begin);
    if (end == std::string_view::npos) return {};
    const std::string_view inside = text.substr(begin + 1, end - begin - 1);
    const std::size_t colon = inside.find(':');
    if (colon == std::string_view::npos || colon == 0 || colon + 1 == inside.size()) return {};
    return std::ranges::all_of(inside.substr(0, colon), is_word) ? inside : std::string_view();
}

double weight_of(std::string_view text, std::string_view tag) {
    const auto weight = number_in<double>(text);
    if (!weight) refuse("prompt", "{:.40} in <{:.80}> is not a number; write <lora:NAME:WEIGHT>", text, tag);
    return *weight;
}

LoraTag parse(std::string_view tag) {
    std::vector<std::string_view> plain;
    std::optional<std::string_view> text_encoder, unet;
    for (std::size_t begin = 0; begin <= tag.size();) {
        const std::size_t end = std::min(tag.find(':', begin), tag.size());
        const std::string_view item = tag.substr(begin, end - begin);
        if (item.starts_with("te="))
            text_encoder = item.substr(3);
        else if (item.starts_with("unet="))
            unet = item.substr(5);
        else if (item.find('=') == std::string_view::npos || plain.size() < 2)
            plain.push_back(item);
        begin = end + 1;
    }
    LoraTag result{.kind = std::string(plain[0]), .name = plain.size() > 1 ? std::string(plain[1]) : ""};
    if (plain.size() > 2) result.text_encoder_weight = weight_of(plain[2], tag);
    if (text_encoder) result.text_encoder_weight = weight_of(*text_encoder, tag);
    result.weight = result.text_encoder_weight;
    if (plain.size() > 3) result.weight = weight_of(plain[3], tag);
    if (unet) result.weight = weight_of(*unet, tag);
    return result;
}

}  // namespace

Lora lora_of(const LoraTag& tag) {
    Lora lora{.file = tag.name, .weight = tag.weight};
    if (tag.text_encoder_weight != tag.weight) lora.text_encoder_weight = tag.text_encoder_weight;
    return lora;
}

bool have_tags(const std::vector<Lora>& loras) {
    return std::ranges::all_of(loras, [](const Lora& lora) {
        const std::string name = lora.file.stem().string();
        return !name.empty() && name.find_first_of("<>:\n") == std::string::npos;
    });
}

std::string lora_tags(const std::vector<Lora>& loras) {
    std::string tags;
    for (const Lora& lora : loras) {
        const double text_encoder = lora.text_encoder_weight.value_or(lora.weight);
        tags += fmt::format("<lora:{}:{}", lora.file.stem().string(), text_encoder);
        tags += lora.weight == text_encoder ? ">" : fmt::format(":{}>", lora.weight);
    }
    return tags;
}

std::vector<LoraTag> take_lora_tags(std::string& prompt) {
    std::vector<LoraTag> tags;
    std::string rest;
    for (std::size_t i = 0; i < prompt.size();) {
        const std::string_view inside = prompt[i] == '<' ? inside_of_tag(prompt, i) : std::string_view();
        if (inside.empty()) {
            rest += prompt[i++];
        } else {
            tags.push_back(parse(inside));
            i += inside.size() + 2;
        }
    }
    prompt = std::move(rest);
    return tags;
}

}  // namespace easel
