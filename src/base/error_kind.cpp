#include <string_view>

#include <easel/error.h>

namespace easel {

std::string_view name(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::bad_request:
            return "bad_request";
        case ErrorKind::not_found:
            return "not_found";
        case ErrorKind::already_exists:
            return "already_exists";
        case ErrorKind::unsupported:
            return "unsupported";
        case ErrorKind::damaged:
            return "damaged";
        case ErrorKind::no_space:
            return "no_space";
        case ErrorKind::no_memory:
            return "no_memory";
        case ErrorKind::unreachable:
            return "unreachable";
        case ErrorKind::cancelled:
            return "cancelled";
        case ErrorKind::failed:
            break;
    }
    return "failed";
}

}  // namespace easel
