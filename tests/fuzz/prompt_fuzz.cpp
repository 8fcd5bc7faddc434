#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <easel/error.h>

#include "text/characters.h"
#include "text/prompt_chunks.h"
#include "text/prompt_schedule.h"

/// Whatever a prompt is: each of its texts is cut in chunks of one length, and its schedule ends with the last step.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace easel;
    static const Tokenizer tokenizer = Tokenizer::standard();
    static const PromptChunker chunker(tokenizer, {{.name = "one-vector"}, {.name = "ab", .word = 1, .vectors = 75}});
    const std::string_view prompt(reinterpret_cast<const char*>(data), size);
    if (!is_utf8(prompt)) return 0;
    constexpr int steps = 7;
    for (const PromptPart& part : prompt_parts(prompt)) {
        const PromptSchedule schedule = prompt_schedule(part.text, steps);
        if (schedule.texts.empty() || schedule.texts.back().last_step != steps) std::abort();
        for (const ScheduledText& text : schedule.texts)
            for (const PromptChunk& chunk : chunker.chunks(weighted_texts(text.text)))
                if (chunk.ids.size() != Tokenizer::row_length || chunk.weights.size() != Tokenizer::row_length)
                    std::abort();
    }
    prompt_schedule_of_second_pass(prompt, steps, steps);
    return 0;
}
