#pragma once

#include <exception>
#include <string>

namespace easel {

/// The relevant sentence of an OpenVINO exception, whose text has many lines: the last one with content.
std::string reason(const std::exception& error);

/// Whether it reports that there was not enough memory.
bool is_about_memory(const std::exception& error);

}  // namespace easel
