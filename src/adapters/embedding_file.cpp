#include "adapters/embedding_file.h"

#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/sha256.h"
#include "weights/floats.h"
#include "weights/pickle.h"
#include "weights/safetensors.h"

namespace easel {
namespace {

/// As many as a chunk of a prompt has places.
constexpr std::int64_t most_vectors = 75;
constexpr std::size_t largest_file = 64u << 20;

constexpr std::string_view params_key = "emb_params";
/// Of the text encoders of Stable Diffusion XL.
constexpr std::string_view key_1 = "clip_l", key_2 = "clip_g";

struct Named {
    std::string token;
    TensorView tensor;
};

EmbeddingFile embedding_of(const std::filesystem::path& path, const Named& named) {
    const auto& [token, tensor] = named;
    if (!is_float(tensor.dtype) || tensor.shape.empty() || tensor.shape.size() > 2)
        fail(ErrorKind::damaged, "{}: has no vectors [n, width] of F32, F16 or BF16", path.string());
    const std::int64_t vectors = tensor.shape.size() == 1 ? 1 : tensor.shape.front();
    const std::int64_t width = tensor.shape.back();
    if (vectors < 1 || vectors > most_vectors || width < 1 || width > 1 << 20)
        fail(ErrorKind::unsupported, "{}: has {} vectors of {} numbers; an embedding has 1 to {} of them",
             path.string(), vectors, width, most_vectors);
    EmbeddingFile embedding{.path = path,
                            .token = token,
                            .vectors = static_cast<int>(vectors),
                            .width = static_cast<int>(width),
                            .values = floats_of(tensor.bytes, tensor.dtype)};
    for (const float value : embedding.values)
        if (!std::isfinite(value))
            fail(ErrorKind::damaged, "{}: holds a number that is NaN or infinite", path.string());
    return embedding;
}

/// Of the tensors that a file for Stable Diffusion XL has for its text encoders, either of which may be missing.
EmbeddingFile embedding_of_two(const std::filesystem::path& path, const TensorView* first, const TensorView* second) {
    if (!first || !second)
        fail(ErrorKind::unsupported,
             "{}: has vectors for one text encoder of Stable Diffusion XL, {}, and none for the other, {}",
             path.string(), first ? key_1 : key_2, first ? key_2 : key_1);
    EmbeddingFile embedding = embedding_of(path, {.token = {}, .tensor = *first});
    EmbeddingFile of_second = embedding_of(path, {.token = {}, .tensor = *second});
    if (embedding.vectors != of_second.vectors)
        fail(ErrorKind::damaged, "{}: has {} vectors for one text encoder and {} for the other; both need as many",
             path.string(), embedding.vectors, of_second.vectors);
    embedding.width_2 = of_second.width;
    embedding.values_2 = std::move(of_second.values);
    return embedding;
}

EmbeddingFile from_safetensors(const std::filesystem::path& path, const SafetensorsContent& content) {
    const auto& tensors = content.tensors;
    const auto tensor_of = [&](std::string_view key) {
        const auto found = tensors.find(std::string(key));
        return found == tensors.end() ? nullptr : &found->second;
    };
    if (const TensorView* params = tensor_of(params_key)) return embedding_of(path, {.token = {}, .tensor = *params});
    const TensorView *const first = tensor_of(key_1), *const second = tensor_of(key_2);
    if (first || second) return embedding_of_two(path, first, second);
    if (tensors.size() != 1)
        fail(ErrorKind::unsupported,
             "{}: is no embedding; that has one tensor, {} or one that is named as its token, and this file has {}",
             path.string(), params_key, tensors.size());
    return embedding_of(path, {.token = tensors.begin()->first, .tensor = tensors.begin()->second});
}

EmbeddingFile from_pickle(const std::filesystem::path& path, const Pickle& pickle) {
    const PickleValue& root = pickle.root();
    if (const PickleValue* params = root.find("string_to_param")) {
        // A ParameterDict keeps what it holds among its attributes.
        const PickleValue* const held = params->find("_parameters");
        const PickleValue* const vectors = (held ? *held : *params).find("*");
        if (const TensorView* tensor = vectors ? vectors->tensor() : nullptr)
            return embedding_of(path, {.token = {}, .tensor = *tensor});
        fail(ErrorKind::damaged, "{}: its `string_to_param` has no tensor `*`", path.string());
    }
    const auto tensor_of = [&](std::string_view key) {
        const PickleValue* const value = root.find(key);
        return value ? value->tensor() : nullptr;
    };
    const TensorView *const first = tensor_of(key_1), *const second = tensor_of(key_2);
    if (first || second) return embedding_of_two(path, first, second);
    const auto* entries = root.entries();
    if (entries && entries->size() == 1)
        if (const std::string* token = entries->front().first->text())
            if (const TensorView* tensor = entries->front().second->tensor())
                return embedding_of(path, {.token = *token, .tensor = *tensor});
    fail(ErrorKind::unsupported, "{}: is no embedding; that has `string_to_param`, or one token and its vectors",
         path.string());
}

}  // namespace

EmbeddingFile read_embedding(const std::filesystem::path& path, std::span<const std::byte> bytes) {
    if (bytes.size() > largest_file)
        fail(ErrorKind::unsupported, "{}: has {} bytes; an embedding has at most {}", path.string(), bytes.size(),
             largest_file);
    EmbeddingFile embedding = is_pickle(bytes) ? from_pickle(path, Pickle(bytes, path.string()))
                                               : from_safetensors(path, parse_safetensors(bytes, path.string()));
    embedding.sha256 = sha256(bytes);
    return embedding;
}

EmbeddingFile open_embedding(const std::filesystem::path& path) {
    return read_embedding(path, MappedFile(path).bytes());
}

}  // namespace easel
