#include "train/batches.h"

#include "train/step_random.h"

namespace easel::train {

Batches::Batches(std::vector<std::int64_t> caption_begins, std::int64_t size, double caption_dropout,
                 std::uint64_t seed)
    : caption_begins_(std::move(caption_begins)),
      count_(static_cast<std::int64_t>(caption_begins_.size()) - 1),
      size_(size),
      caption_dropout_(caption_dropout),
      seed_(seed) {}

std::int64_t Batches::picture_at(std::int64_t position) {
    if (position / count_ != round_) {
        round_ = position / count_;
        order_ = torch::randperm(count_, generator_for(seed_, Purpose::order, round_), torch::kLong);
    }
    return order_.data_ptr<std::int64_t>()[position % count_];
}

Batch Batches::at(std::int64_t step) {
    const torch::Tensor draws = torch::rand({2, size_}, generator_for(seed_, Purpose::captions, step), torch::kDouble);
    const auto drawn = draws.accessor<double, 2>();
    Batch batch{.pictures = torch::empty({size_}, torch::kLong), .captions = torch::empty({size_}, torch::kLong)};
    auto pictures = batch.pictures.accessor<std::int64_t, 1>(), captions = batch.captions.accessor<std::int64_t, 1>();
    for (std::int64_t i = 0; i < size_; ++i) {
        pictures[i] = picture_at(step * size_ + i);
        const auto picture = static_cast<std::size_t>(pictures[i]);
        const std::int64_t begin = caption_begins_[picture], own = caption_begins_[picture + 1] - begin;
        const bool dropped = drawn[0][i] < caption_dropout_;
        captions[i] = dropped ? no_caption : begin + static_cast<std::int64_t>(drawn[1][i] * static_cast<double>(own));
    }
    return batch;
}

}  // namespace easel::train
