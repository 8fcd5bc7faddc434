#pragma once

#include <string_view>

namespace easel {

/// The text of merges.txt, OpenAI CLIP's 48894 byte-pair merges (see LICENSE-CLIP.txt), which is built into the binary.
std::string_view standard_merges_text();

}  // namespace easel
