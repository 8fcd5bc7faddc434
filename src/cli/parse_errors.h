#pragma once

#include <string>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace easel::cli {

/// What is wrong with the arguments that `app` could not take, as one sentence; for an unknown flag with the known one
/// that is nearest.
std::string sentence_of(const CLI::ParseError& error, const CLI::App& app);

/// The sub-command that was given, within that within which it is one; `app` itself when none was.
const CLI::App& given_command(const CLI::App& app);

/// The command's long flag that is most like `flag` ("--stpes"), or nothing when none is near.
std::string nearest_flag(const std::string& flag, const CLI::App& command);

}  // namespace easel::cli
