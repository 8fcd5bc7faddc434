#include "settings/prompt_quotes.h"

#include <optional>

#include <nlohmann/json.hpp>

namespace easel {
namespace {

constexpr std::string_view negative_line = "Negative prompt:";

std::optional<std::string> json_string(std::string_view text) {
    if (text.size() < 2 || !text.starts_with('"') || !text.ends_with('"')) return std::nullopt;
    const nlohmann::json json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    return json.is_string() ? std::optional(json.get<std::string>()) : std::nullopt;
}

/// Whether the text would be read as something else. Each turn takes a level of quotes away, and the text gets shorter.
bool needs_quotes(std::string text) {
    for (;;) {
        if (text.starts_with(negative_line) || text.ends_with('\r')) return true;
        if (text.find("\n" + std::string(negative_line)) != std::string::npos) return true;
        auto inner = json_string(text);
        if (!inner) return false;
        text = std::move(*inner);
    }
}

}  // namespace

std::string quoted_prompt(const std::string& prompt) {
    return needs_quotes(prompt) ? nlohmann::json(prompt).dump() : prompt;
}

std::string prompts_text(const std::string& prompt, const std::string& negative_prompt) {
    std::string text = quoted_prompt(prompt) + "\n";
    if (!negative_prompt.empty()) text += "Negative prompt: " + quoted_prompt(negative_prompt) + "\n";
    return text;
}

std::string unquoted_prompt(std::string_view text) {
    auto inner = json_string(text);
    return inner && needs_quotes(*inner) ? std::move(*inner) : std::string(text);
}

}  // namespace easel
