#pragma once

#include <string>

#include "cli/reference/command_reference.h"

namespace easel::cli {

/// Completion scripts: sub-commands, flags, and values by their kind (names, devices, pictures, files, folders). Where
/// no sub-command was typed, the flags are those of generate.

/// For bash 4.4 and later, with or without the package bash-completion.
std::string bash_completion(const CommandReference& easel);

/// For zsh's completion system; the file must be named `_easel`.
std::string zsh_completion(const CommandReference& easel);

/// For fish 3.
std::string fish_completion(const CommandReference& easel);

}  // namespace easel::cli
