#pragma once

#include <string>

#include "cli/reference/command_reference.h"

namespace easel::cli {

/// The file name of a command's manual page: "easel-generate.1".
std::string manual_page_name(const CommandReference& command);

/// The manual page of `command`, which is `easel` itself or one of its sub-commands, for man(7) of groff. What
/// sub-commands of a sub-command do stands in its own page.
std::string manual_page(const CommandReference& command, const CommandReference& easel);

}  // namespace easel::cli
