#include "text/vocabulary.h"

#include <algorithm>

#include "text/characters.h"
#include "text/standard_merges.h"
#include "text/vocabulary_files.h"

namespace easel {
namespace {

bool stands_for_itself(int byte) {
    return (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
}

}  // namespace

std::array<std::string, 256> byte_symbols() {
    std::array<std::string, 256> symbols;
    char32_t next = 256;
    for (int byte = 0; byte < 256; ++byte)
        append_utf8(symbols[byte], stands_for_itself(byte) ? static_cast<char32_t>(byte) : next++);
    return symbols;
}

Vocabulary standard_vocabulary() {
    Vocabulary vocabulary;
    TokenIds& ids = vocabulary.ids;
    ids.reserve(50'000);

    // Ids follow from the order: the stand-ins by code point, the same as ends of words, then what each merge makes.
    int next_id = 0;
    auto symbols = byte_symbols();
    std::sort(symbols.begin(), symbols.end());
    for (const std::string& symbol : symbols) ids.emplace(symbol, next_id++);
    for (const std::string& symbol : symbols) ids.emplace(symbol + std::string(end_of_word), next_id++);
    for_each_merge(standard_merges_text(), "merges.txt", [&](std::string_view left, std::string_view right) {
        const int merged = next_id++;
        vocabulary.merges.push_back({ids.find(left)->second, ids.find(right)->second, merged});
        ids.emplace(std::string(left).append(right), merged);
    });
    vocabulary.start = next_id++;
    vocabulary.end = next_id++;
    vocabulary.padding = vocabulary.unknown = vocabulary.end;
    vocabulary.added = {{"<|startoftext|>", vocabulary.start, true}, {"<|endoftext|>", vocabulary.end, false}};
    return vocabulary;
}

}  // namespace easel
