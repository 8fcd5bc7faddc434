#pragma once

#include <utility>

#include <fmt/format.h>

#include <easel/error.h>

namespace easel {

/// Throws an Error of kind `failure` with a formatted sentence.
template <typename... Args>
[[noreturn]] void fail(fmt::format_string<Args...> sentence, Args&&... args) {
    throw Error(ErrorKind::failure, fmt::format(sentence, std::forward<Args>(args)...));
}

/// Throws an Error of kind `usage` with a formatted sentence.
template <typename... Args>
[[noreturn]] void fail_usage(fmt::format_string<Args...> sentence, Args&&... args) {
    throw Error(ErrorKind::usage, fmt::format(sentence, std::forward<Args>(args)...));
}

}  // namespace easel
