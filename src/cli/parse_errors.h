#pragma once

#include <span>
#include <string>

#include <easel/error.h>

#include "cli/arguments.h"

namespace CLI {
class ParseError;
}

namespace easel::cli {

/// What is wrong with the arguments that `app` could not take: a sentence that names flags as they were typed, for an
/// unknown flag with the known one that was meant, and the field that is to blame.
Error error_of(const CLI::ParseError& error, const CLI::App& app, std::span<const TypedFlag> typed = {});

/// The command's long flag that was meant by `flag` ("--stpes", "--cfg", "--image"), or nothing when none is near.
std::string nearest_flag(const std::string& flag, const CLI::App& command);

}  // namespace easel::cli
