#pragma once

#include <span>
#include <vector>

#include "text/characters.h"

namespace easel {

/// Splits a normalized text into the pieces that are tokenized one by one: the endings 's 't 're 've 'm 'll 'd, runs of
/// letters, single numbers, and runs of whatever is no letter, number or space. Spaces are dropped. The pieces point
/// into `text`.
///
/// It is the regular expression of OpenAI CLIP's simple_tokenizer.py, followed by that of GPT-2, which transformers'
/// CLIPTokenizer applies to its pieces; the second one only shows in "<|endoftext|>" and "<|startoftext|>".
std::vector<std::span<const Character>> split_words(std::span<const Character> text);

}  // namespace easel
