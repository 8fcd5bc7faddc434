#include "text/standard_merges.h"

#include <cstddef>

asm(".pushsection .rodata\n"
    ".global easel_standard_merges, easel_standard_merges_end\n"
    ".hidden easel_standard_merges, easel_standard_merges_end\n"
    "easel_standard_merges:\n"
    ".incbin \"" EASEL_MERGES_FILE
    "\"\n"
    "easel_standard_merges_end:\n"
    ".popsection\n");

extern "C" {
extern const char easel_standard_merges[];
extern const char easel_standard_merges_end[];
}

namespace easel {

std::string_view standard_merges_text() {
    return {easel_standard_merges, static_cast<std::size_t>(easel_standard_merges_end - easel_standard_merges)};
}

}  // namespace easel
