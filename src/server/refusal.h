#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <easel/error.h>

namespace easel::server {

/// A request that is refused with a status of HTTP that its kind of error does not say.
class Refusal : public Error {
  public:
    Refusal(int status, const std::string& sentence, std::string field = {})
        : Error(ErrorKind::bad_request, sentence, std::move(field)), status_(status) {}

    int status() const { return status_; }
    /// Seconds after which to try again; 0 where that is not said.
    int retry_after = 0;

  private:
    int status_;
};

/// Throws a Refusal that no field is to blame for.
template <typename... Args>
[[noreturn]] void refuse_with(int status, fmt::format_string<Args...> sentence, Args&&... args) {
    throw Refusal(status, fmt::format(sentence, std::forward<Args>(args)...));
}

/// Throws a Refusal about a field of the request, by the name that it has there: "`init_images`: it holds no picture".
template <typename... Args>
[[noreturn]] void refuse_field(int status, std::string_view field, fmt::format_string<Args...> sentence,
                               Args&&... args) {
    throw Refusal(status, fmt::format("`{}`: {}", field, fmt::format(sentence, std::forward<Args>(args)...)),
                  std::string(field));
}

}  // namespace easel::server
