#pragma once

#include <string>

#include "explain/explanation.h"

namespace easel {

/// The explanation as one HTML page that holds its pictures and plots, needs no network and runs no script. It is
/// well-formed XML too.
std::string html_page(const Explanation& explanation);

}  // namespace easel
