#include "train/encoded_data.h"

#include <algorithm>

#include <easel/easel.h>

#include "base/error.h"

namespace easel::train {
namespace {

constexpr std::int64_t pictures_at_once = 32;

/// The ids of a caption, with one for each vector of the learnt word.
std::vector<int> row_of(const std::string& caption, const Tokenizer& tokenizer,
                        const std::optional<LearnedWord>& word) {
    if (!word) return tokenizer.encode(caption).ids;
    std::vector<int> ids;
    for (const int id : tokenizer.ids(caption)) {
        const std::int64_t vectors = id == word->first_id ? word->vectors : 1;
        for (int i = 0; i < vectors; ++i) ids.push_back(id + i);
    }
    ids.resize(std::min(ids.size(), Tokenizer::most_tokens));
    std::vector<int> row = tokenizer.encode("").ids;  // start, end and padding
    std::ranges::copy(ids, row.begin() + 1);
    row[ids.size() + 1] = tokenizer.end();
    return row;
}

}  // namespace

Tensor token_ids(const Model& model, std::span<const std::string> captions) {
    Tokenizer tokenizer = model.tokenizer();
    if (const int rows = model.stored.text_encoder.config.vocab_size; tokenizer.greatest_id() >= rows)
        fail("{}: the tokenizer has ids up to {}, and the text encoder only {} rows", model.stored.name,
             tokenizer.greatest_id(), rows);
    if (model.word)
        tokenizer.add({.text = model.word->text,
                       .id = static_cast<int>(model.word->first_id),
                       .normalized = true,
                       .single_word = true});
    const auto count = static_cast<std::int64_t>(captions.size());
    Tensor ids = torch::empty({count, static_cast<std::int64_t>(Tokenizer::row_length)}, torch::kInt);
    for (std::int64_t i = 0; i < count; ++i)
        std::ranges::copy(row_of(captions[static_cast<std::size_t>(i)], tokenizer, model.word), ids[i].data_ptr<int>());
    return ids;
}

void check_pictures_fit(const DataFile& data, const VaeConfig& config) {
    const int factor = config.downsampling();
    if (data.height() % factor != 0 || data.width() % factor != 0)
        fail("{}: its pictures have {} x {} pixels, and this model's autoencoder needs multiples of {}", data.where(),
             data.width(), data.height(), factor);
}

Moments encode_pictures(Autoencoder& vae, const DataFile& data, torch::Device device, std::stop_token stop) {
    const torch::NoGradGuard no_grad;
    std::vector<Tensor> means, log_variances;
    for (std::int64_t first = 0; first < data.count(); first += pictures_at_once) {
        if (stop.stop_requested()) throw Cancelled();
        const Tensor pictures = data.pictures(torch::arange(first, std::min(first + pictures_at_once, data.count())));
        const Moments moments = vae->encode(pictures.to(device).contiguous(torch::MemoryFormat::ChannelsLast));
        means.push_back(moments.mean.contiguous());
        log_variances.push_back(moments.log_variance.contiguous());
    }
    return {.mean = torch::cat(means), .log_variance = torch::cat(log_variances)};
}

EncodedData::EncodedData(const DataFile& data, Model& model, torch::Device device, std::stop_token stop)
    : scale_(model.stored.vae.config.scaling_factor), shift_(model.stored.vae.config.shift_factor) {
    check_pictures_fit(data, model.stored.vae.config);
    std::vector<std::string> captions = data.captions();
    captions.emplace_back();
    ids_ = token_ids(model, captions).to(device);
    const Moments moments = encode_pictures(model.vae, data, device, std::move(stop));
    means_ = moments.mean;
    deviations_ = (moments.log_variance / 2).exp();
}

Tensor EncodedData::latents(const Tensor& pictures, const Tensor& noise) const {
    const Tensor z = means_.index_select(0, pictures) + deviations_.index_select(0, pictures) * noise;
    return (z - shift_) * scale_;
}

Tensor EncodedData::ids(const Tensor& captions) const {
    const Tensor rows = torch::where(captions == no_caption, torch::full_like(captions, ids_.size(0) - 1), captions);
    return ids_.index_select(0, rows).to(torch::kLong);
}

}  // namespace easel::train
