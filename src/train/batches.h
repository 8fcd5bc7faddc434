#pragma once

#include <vector>

#include <torch/types.h>

namespace easel::train {

/// Which pictures a step learns from, and which of their captions: int64 [n] each. Caption `no_caption` is the empty
/// one.
struct Batch {
    torch::Tensor pictures, captions;
};
inline constexpr std::int64_t no_caption = -1;

/// The order in which pictures are shown: each round all of them in a new order, a random caption with each, one in
/// `caption_dropout` of them left out, which is what guidance needs (Ho & Salimans 2022). What step i shows depends on
/// the seed and on i alone.
class Batches {
  public:
    /// `caption_begins`: as DataFile has them.
    Batches(std::vector<std::int64_t> caption_begins, std::int64_t size, double caption_dropout, std::uint64_t seed);

    Batch at(std::int64_t step);

  private:
    std::int64_t picture_at(std::int64_t position);

    std::vector<std::int64_t> caption_begins_;
    std::int64_t count_, size_;
    double caption_dropout_;
    std::uint64_t seed_;
    /// The round whose order is at hand.
    std::int64_t round_ = -1;
    torch::Tensor order_;
};

}  // namespace easel::train
