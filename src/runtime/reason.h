#pragma once

#include <exception>
#include <string>

namespace easel {

/// The sentence in what OpenVINO throws, whose text has many lines: the last one that says something.
std::string reason(const std::exception& error);

/// Whether it says that there was not enough memory.
bool is_about_memory(const std::exception& error);

}  // namespace easel
