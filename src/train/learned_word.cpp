#include "train/learned_word.h"

#include <algorithm>

#include "base/error.h"
#include "weights/safetensors.h"

namespace easel::train {
namespace {

constexpr const char* rows_name = "text_encoder.text_model.embeddings.token_rows";

bool is_word_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

void check(const WordOptions& options) {
    constexpr std::size_t longest = 64;
    if (options.text.empty() || options.text.size() > longest || !std::ranges::all_of(options.text, is_word_character))
        refuse_value("embedding", options.text, "give a word of letters, digits, - and _");
    if (options.vectors < 1 || options.vectors > static_cast<std::int64_t>(Tokenizer::most_tokens))
        refuse_value("embedding_vectors", options.vectors, "give a number from 1 to {}", Tokenizer::most_tokens);
}

}  // namespace

Parameters add_word(Model& model, const WordOptions& options) {
    check(options);
    const std::vector<int> begin = model.tokenizer().ids(options.begin);
    if (begin.empty()) refuse("embedding_begin", "give a text for the vectors to begin as");
    Tensor like = torch::empty({options.vectors}, torch::kLong);
    for (std::int64_t i = 0; i < options.vectors; ++i) like[i] = begin[static_cast<std::size_t>(i) % begin.size()];
    model.word = LearnedWord{
        .text = options.text, .first_id = model.stored.text_encoder.config.vocab_size, .vectors = options.vectors};
    for (torch::nn::Module* const network :
         {static_cast<torch::nn::Module*>(model.unet.get()), static_cast<torch::nn::Module*>(model.text_encoder.get())})
        for (auto& parameter : network->parameters()) parameter.set_requires_grad(false);
    model.text_encoder->add_rows(like);
    const Parameters all = parameters_of(*model.text_encoder);
    return {{rows_name, all.at("text_model.embeddings.token_rows")}};
}

void write_embedding(const std::filesystem::path& path, const Parameters& rows, const LearnedWord& word) {
    const Weights weights = to_weights(rows, "embedding", DType::F32);
    const Weight weight = weights.at(rows_name);
    const TensorView view{.name = word.text, .dtype = weight.dtype, .shape = weight.shape, .bytes = weight.bytes};
    write_safetensors(path, std::span(&view, 1));
}

}  // namespace easel::train
