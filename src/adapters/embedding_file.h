#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace easel {

/// Vectors that were learned for a word (textual inversion; Gal et al. 2022).
struct EmbeddingFile {
    std::filesystem::path path;
    /// The token that the file names; empty if it names none.
    std::string token;
    int vectors = 0;
    /// Columns of a vector.
    int width = 0;
    /// [vectors, width]
    std::vector<float> values;
    /// The same number of vectors for the second text encoder of Stable Diffusion XL; 0 and empty if there are none.
    int width_2 = 0;
    std::vector<float> values_2 = {};
    /// Of the whole file, in hexadecimal.
    std::string sha256;
};

/// Reads the embedding file whose bytes these are; `path` names it in errors. safetensors: `emb_params` [n, width], or
/// one tensor whose key is the token, [n, width] or [width], or, for Stable Diffusion XL, `clip_l` and `clip_g`.
/// Pickles of torch: a dictionary with `string_to_param`, of which `*` is [n, width], or one of a token and its tensor,
/// or of `clip_l` and `clip_g`. Throws Error: `unsupported` if it is no embedding, `damaged` if it is broken or asks
/// for anything but tensors.
EmbeddingFile read_embedding(const std::filesystem::path& path, std::span<const std::byte> bytes);

/// read_embedding() of the file at `path`.
EmbeddingFile open_embedding(const std::filesystem::path& path);

}  // namespace easel
