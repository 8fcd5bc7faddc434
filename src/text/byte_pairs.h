#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "text/vocabulary.h"

namespace easel {

/// Byte-pair encoding of single words (Sennrich et al., "Neural Machine Translation of Rare Words with Subword Units")
/// on bytes, as GPT-2 and CLIP use it.
class BytePairs {
  public:
    explicit BytePairs(const Vocabulary& vocabulary);

    /// Appends the ids of a word, which must not be empty. Takes O(n log n) time in its length.
    void encode(std::string_view word, std::vector<int>& ids) const;

  private:
    struct PairRank {
        std::uint64_t pair;  ///< both ids, the left one in the high half
        std::uint32_t rank;  ///< index into merges_
    };

    /// The merge of two tokens as an index into merges_, or no_merge.
    std::uint32_t rank_of(int left, int right) const;

    std::array<int, 256> byte_ids_;
    std::array<int, 256> last_byte_ids_;
    std::vector<Merge> merges_;    ///< best first
    std::vector<PairRank> ranks_;  ///< sorted by pair
};

}  // namespace easel
