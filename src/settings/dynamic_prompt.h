#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include <easel/easel.h>

namespace easel {

/// Whether a text leaves a choice to the seed: "{red|blue}", "{2$$a|b|c}" or "__colours__".
bool has_choices(std::string_view text);

/// Makes the choices in texts, one after the other with the same random numbers, as the web UI's extension "Dynamic
/// Prompts" writes them (but with other numbers):
/// - {red|blue}, one of them; {3::red|blue}, the first three times as often; {2$$a|b|c}, two of them with ", " between;
///   {1-2$$ and $$a|b|c}, one or two with " and " between. They may hold others.
/// - __colours__, a line of `wildcards`/colours.txt, which may hold choices too and begin with "3::"; lines that begin
///   with # are none. * stands for any characters: __animals/*__. Left as it is if `wildcards` is empty.
/// Braces without | or $$ are text. Throws Error about the prompt when there is no such file, or when files hold each
/// other without end.
void make_choices(std::span<std::string* const> texts, std::uint64_t seed, const std::filesystem::path& wildcards);

/// The same in all prompts of a Request or of Settings, unless they are read as plain text.
template <typename Prompts>
void make_choices(Prompts& prompts, std::uint64_t seed, const std::filesystem::path& wildcards) {
    if (prompts.prompt_syntax == PromptSyntax::plain) return;
    std::string* const texts[] = {&prompts.prompt, &prompts.negative_prompt, &prompts.prompt_2,
                                  &prompts.negative_prompt_2};
    make_choices(std::span<std::string* const>(texts), seed, wildcards);
}

}  // namespace easel
