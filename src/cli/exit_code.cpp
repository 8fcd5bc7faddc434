#include "cli/exit_code.h"

namespace easel::cli {
namespace {

constexpr int failure_exit_code = 1;
constexpr int usage_exit_code = 2;

}  // namespace

int exit_code(ErrorKind kind) {
    if (kind == ErrorKind::bad_request) return usage_exit_code;
    return kind == ErrorKind::cancelled ? interrupted_exit_code : failure_exit_code;
}

}  // namespace easel::cli
