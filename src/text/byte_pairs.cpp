#include "text/byte_pairs.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <limits>
#include <queue>
#include <string>

#include "base/error.h"

namespace easel {
namespace {

constexpr std::uint32_t no_merge = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint32_t no_symbol = std::numeric_limits<std::uint32_t>::max();
constexpr int merged_away = -1;

/// A token of the word, linked to its neighbours.
struct Symbol {
    int id;
    std::uint32_t previous, next;
};

std::uint64_t joined(std::uint32_t high, std::uint32_t low) { return static_cast<std::uint64_t>(high) << 32 | low; }

std::uint64_t pair_of(int left, int right) {
    return joined(static_cast<std::uint32_t>(left), static_cast<std::uint32_t>(right));
}

}  // namespace

BytePairs::BytePairs(const Vocabulary& vocabulary) : merges_(vocabulary.merges) {
    const auto id_of = [&](const std::string& text) {
        const auto found = vocabulary.ids.find(text);
        return found == vocabulary.ids.end() ? vocabulary.unknown : found->second;
    };
    const auto symbols = byte_symbols();
    for (std::size_t byte = 0; byte < symbols.size(); ++byte) {
        byte_ids_[byte] = id_of(symbols[byte]);
        last_byte_ids_[byte] = id_of(symbols[byte] + std::string(end_of_word));
    }
    ranks_.reserve(merges_.size());
    for (const Merge& merge : merges_)
        ranks_.push_back({pair_of(merge.left, merge.right), static_cast<std::uint32_t>(ranks_.size())});
    std::sort(ranks_.begin(), ranks_.end(), [](const PairRank& a, const PairRank& b) {
        return a.pair != b.pair ? a.pair < b.pair : a.rank < b.rank;
    });
}

std::uint32_t BytePairs::rank_of(int left, int right) const {
    const std::uint64_t pair = pair_of(left, right);
    const auto found =
        std::lower_bound(ranks_.begin(), ranks_.end(), pair,
                         [](const PairRank& entry, std::uint64_t wanted) { return entry.pair < wanted; });
    return found != ranks_.end() && found->pair == pair ? found->rank : no_merge;
}

void BytePairs::encode(std::string_view word, std::vector<int>& ids) const {
    if (word.size() >= no_symbol) fail("a word of {} bytes is too long to tokenize", word.size());
    const auto size = static_cast<std::uint32_t>(word.size());
    std::vector<Symbol> symbols(size);
    for (std::uint32_t at = 0; at < size; ++at)
        symbols[at] = {byte_ids_[static_cast<unsigned char>(word[at])], at - 1, at + 1};
    symbols.front().previous = symbols.back().next = no_symbol;
    symbols.back().id = last_byte_ids_[static_cast<unsigned char>(word.back())];

    // Possible merges, the best and then the leftmost on top: the rank in the high half, the left symbol in the low
    // one. One stays in the queue when its symbols go into another merge, and is passed over later.
    std::vector<std::uint64_t> found;
    for (std::uint32_t at = 0; at + 1 < size; ++at)
        if (const std::uint32_t rank = rank_of(symbols[at].id, symbols[at + 1].id); rank != no_merge)
            found.push_back(joined(rank, at));
    std::priority_queue<std::uint64_t, std::vector<std::uint64_t>, std::greater<>> possible({}, std::move(found));
    const auto consider = [&](std::uint32_t at) {
        if (at == no_symbol || symbols[at].next == no_symbol) return;
        const std::uint32_t rank = rank_of(symbols[at].id, symbols[symbols[at].next].id);
        if (rank != no_merge) possible.push(joined(rank, at));
    };

    while (!possible.empty()) {
        const Merge& merge = merges_[possible.top() >> 32];
        const auto at = static_cast<std::uint32_t>(possible.top());
        possible.pop();
        Symbol& left = symbols[at];
        if (left.id != merge.left || left.next == no_symbol || symbols[left.next].id != merge.right) continue;

        Symbol& right = symbols[left.next];
        left = {merge.merged, left.previous, right.next};
        right.id = merged_away;
        if (left.next != no_symbol) symbols[left.next].previous = at;
        consider(left.previous);
        consider(at);
    }
    for (std::uint32_t at = 0; at != no_symbol; at = symbols[at].next) ids.push_back(symbols[at].id);
}

}  // namespace easel
