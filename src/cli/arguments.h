#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace easel::cli {

/// A flag as it was typed ("-W"), and its option.
struct TypedFlag {
    const CLI::Option* option;
    std::string text;
};

/// The arguments of a call.
struct Arguments {
    /// What CLI11 parses: the sub-command first; the value of a flag is a word of its own.
    std::vector<std::string> words;
    std::vector<TypedFlag> flags;
};

/// Reads what follows the program's name:
/// - `"a prompt" ...` and `--steps 20 ...` mean the sub-command generate, no arguments mean --help, and `help generate`
///   means `generate --help`;
/// - `--flag=` and `-f=` give the flag an empty value, which CLI11 would take from the next argument.
/// Throws Error on a misspelled sub-command together with --prompt, on a long flag with a single dash, on a value for a
/// flag that takes none, and on an empty value for a number.
Arguments read_arguments(const std::vector<std::string>& given, const CLI::App& app);

}  // namespace easel::cli
