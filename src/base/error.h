#pragma once

#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <easel/error.h>

namespace easel {

/// Throws an Error of that kind with a formatted sentence.
template <typename... Args>
[[noreturn]] void fail(ErrorKind kind, fmt::format_string<Args...> sentence, Args&&... args) {
    throw Error(kind, fmt::format(sentence, std::forward<Args>(args)...));
}

/// Throws an Error of kind `failed` with a formatted sentence.
template <typename... Args>
[[noreturn]] void fail(fmt::format_string<Args...> sentence, Args&&... args) {
    throw Error(ErrorKind::failed, fmt::format(sentence, std::forward<Args>(args)...));
}

/// Throws an Error of kind `bad_request` that concerns no single field.
template <typename... Args>
[[noreturn]] void fail_usage(fmt::format_string<Args...> sentence, Args&&... args) {
    throw Error(ErrorKind::bad_request, fmt::format(sentence, std::forward<Args>(args)...));
}

/// Throws an Error of kind `bad_request` about a field: "`mask`: it needs the picture that it is for".
template <typename... Args>
[[noreturn]] void refuse(std::string_view field, fmt::format_string<Args...> sentence, Args&&... args) {
    throw Error(ErrorKind::bad_request,
                fmt::format("`{}`: {}", field, fmt::format(sentence, std::forward<Args>(args)...)), std::string(field));
}

/// The same with the value that is wrong: "`strength` 3: give a number from 0 to 1".
template <typename Value, typename... Args>
[[noreturn]] void refuse_value(std::string_view field, const Value& value, fmt::format_string<Args...> sentence,
                               Args&&... args) {
    throw Error(ErrorKind::bad_request,
                fmt::format("`{}` {}: {}", field, value, fmt::format(sentence, std::forward<Args>(args)...)),
                std::string(field));
}

}  // namespace easel
