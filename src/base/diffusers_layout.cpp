#include "base/diffusers_layout.h"

#include <regex>

#include <fmt/format.h>

namespace easel {
namespace {

constexpr std::string_view ending = ".safetensors";

std::string with_dot(std::string_view variant) { return variant.empty() ? "" : fmt::format(".{}", variant); }

}  // namespace

std::string weight_file(std::string_view stem, std::string_view variant) {
    return fmt::format("{}{}{}", stem, with_dot(variant), ending);
}

std::array<std::string, 2> shard_indices(std::string_view stem, std::string_view variant) {
    return {fmt::format("{}{}.index{}.json", stem, ending, with_dot(variant)),
            fmt::format("{}.index.json", weight_file(stem, variant))};
}

int shard_count(std::string_view file, std::string_view stem, std::string_view variant) {
    static const std::regex number(R"(-(\d{5})-of-(\d{5}))");
    std::cmatch match;
    if (!file.starts_with(stem) || !std::regex_search(file.data(), file.data() + file.size(), match, number)) return 0;
    return match.prefix().str() + match.suffix().str() == weight_file(stem, variant) ? std::stoi(match[2]) : 0;
}

}  // namespace easel
