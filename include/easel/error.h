#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

// What libeasel.so shows to programs.
#pragma GCC visibility push(default)

namespace easel {

/// What kind of thing went wrong. The kinds are stable: programs may decide by them.
enum class ErrorKind {
    /// The call itself makes no sense; Error::field() names the setting that is to blame, where it is one.
    bad_request,
    /// A file, folder, model or device that is not there.
    not_found,
    /// What was to be written is there already and may not be replaced.
    already_exists,
    /// Sound, but of a kind that easel does not run.
    unsupported,
    /// A file whose content is broken.
    damaged,
    /// The disk or the quota is full.
    no_space,
    /// There is not enough memory.
    no_memory,
    /// Another host cannot be reached, or refuses to answer.
    unreachable,
    /// The caller asked to stop.
    cancelled,
    /// Anything else that did not work: reading, writing, computing.
    failed,
};

/// "bad_request", "not_found", ...: the enumerator's own name.
std::string_view name(ErrorKind kind);

/// The one exception that easel throws. Its message is a sentence for a person: what is wrong, where, what would work.
/// Names of fields stand in backquotes in it (`guidance_scale`), so that a program can put its own names for them.
class Error : public std::runtime_error {
  public:
    /// `field` is the name of a field of Request, EngineOptions or another public struct; empty for none.
    explicit Error(ErrorKind kind, const std::string& sentence, std::string field = {})
        : std::runtime_error(sentence), kind_(kind), field_(std::move(field)) {}

    /// What kind of thing went wrong.
    ErrorKind kind() const { return kind_; }
    /// The field whose value is wrong, by its name in the public structs ("guidance_scale"); empty for none.
    const std::string& field() const { return field_; }

  private:
    ErrorKind kind_;
    std::string field_;
};

/// Thrown when a stop token was used.
class Cancelled : public Error {
  public:
    /// An Error of kind `cancelled`.
    explicit Cancelled(const std::string& sentence = "stopped; what was not finished is not written")
        : Error(ErrorKind::cancelled, sentence) {}
};

}  // namespace easel

#pragma GCC visibility pop
