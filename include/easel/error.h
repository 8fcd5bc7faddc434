#pragma once

#include <stdexcept>
#include <string>

namespace easel {

/// Whose fault it is: `usage` when the call itself was wrong (exit code 2), `failure` when something that the call
/// needed did not work (exit code 1).
enum class ErrorKind { usage, failure };

/// The one exception that easel throws. Its message is a sentence for a person: what is wrong, where, what would work.
class Error : public std::runtime_error {
  public:
    explicit Error(ErrorKind kind, const std::string& sentence) : std::runtime_error(sentence), kind_(kind) {}
    ErrorKind kind() const { return kind_; }

  private:
    ErrorKind kind_;
};

}  // namespace easel
