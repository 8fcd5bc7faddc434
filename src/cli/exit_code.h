#pragma once

#include <easel/error.h>

namespace easel::cli {

constexpr int interrupted_exit_code = 130;

/// Of a program that ends with an error of that kind: 1, 2 for a wrong call, 130 if it was interrupted.
int exit_code(ErrorKind kind);

}  // namespace easel::cli
