#include "weights/weights.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/ranges.h>

#include "base/error.h"
#include "weights/half.h"

namespace easel {
namespace {

/// Copies bytes that do not lie at a multiple of their element's size: files with odd headers are sound but rare.
void align(Weight& weight) {
    const std::uint64_t element = bit_size(weight.dtype) / 8;
    if (element <= 1 || reinterpret_cast<std::uintptr_t>(weight.bytes.data()) % element == 0) return;
    auto copy = std::make_shared<std::vector<std::byte>>(weight.bytes.begin(), weight.bytes.end());
    weight.bytes = *copy;
    weight.owner = std::move(copy);
}

/// Whether all exponent bits of a float are set, which says that it is infinite or NaN.
template <typename Bits>
bool holds_non_finite(std::span<const std::byte> bytes, Bits exponent) {
    for (std::size_t at = 0; at + sizeof(Bits) <= bytes.size(); at += sizeof(Bits)) {
        Bits value = 0;
        std::memcpy(&value, bytes.data() + at, sizeof value);
        if ((value & exponent) == exponent) return true;
    }
    return false;
}

bool holds_non_finite(const Weight& weight) {
    switch (weight.dtype) {
        case DType::F32:
            return holds_non_finite<std::uint32_t>(weight.bytes, 0x7F800000);
        case DType::F16:
            return holds_non_finite<std::uint16_t>(weight.bytes, 0x7C00);
        case DType::BF16:
            return holds_non_finite<std::uint16_t>(weight.bytes, 0x7F80);
        default:
            return false;
    }
}

}  // namespace

Weight rows_of(const Weight& weight, std::int64_t first, std::int64_t count) {
    const std::int64_t rows = weight.shape.empty() ? 0 : weight.shape.front();
    if (first < 0 || count < 1 || count > rows || first > rows - count)
        fail(ErrorKind::damaged, "the tensor {} has the shape [{}], but the rows {} to {} of it are needed",
             weight.name, fmt::join(weight.shape, ", "), first, first + count);
    const std::size_t bytes_of_row = weight.bytes.size() / static_cast<std::size_t>(rows);
    Weight result = weight;
    result.shape.front() = count;
    result.bytes = weight.bytes.subspan(static_cast<std::size_t>(first) * bytes_of_row,
                                        static_cast<std::size_t>(count) * bytes_of_row);
    return result;
}

Weight transposed(const Weight& weight) {
    const std::size_t element = bit_size(weight.dtype) / 8;
    if (weight.shape.size() != 2 || element == 0)
        fail(ErrorKind::damaged, "the tensor {} has the shape [{}] of {}, but a matrix is needed", weight.name,
             fmt::join(weight.shape, ", "), name(weight.dtype));
    const auto rows = static_cast<std::size_t>(weight.shape[0]), columns = static_cast<std::size_t>(weight.shape[1]);
    auto bytes = std::make_shared<std::vector<std::byte>>(weight.bytes.size());
    for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t column = 0; column < columns; ++column)
            std::memcpy(bytes->data() + (column * rows + row) * element,
                        weight.bytes.data() + (row * columns + column) * element, element);
    return {.name = weight.name,
            .dtype = weight.dtype,
            .shape = {weight.shape[1], weight.shape[0]},
            .bytes = *bytes,
            .owner = bytes};
}

Weights::Weights(std::string network, std::string where, NameInFile name_in_file)
    : network_(std::move(network)), where_(std::move(where)), name_in_file_(std::move(name_in_file)) {}

void Weights::add(std::string name, const TensorView& tensor, std::shared_ptr<const void> owner) {
    entries_[std::move(name)] = {tensor, std::move(owner)};
}

void Weights::add(const Weight& weight) {
    add(weight.name, {.name = weight.name, .dtype = weight.dtype, .shape = weight.shape, .bytes = weight.bytes},
        weight.owner);
}

Weights Weights::with(Transform transform) const {
    Weights result = *this;
    result.transforms_.push_back(std::move(transform));
    return result;
}

std::optional<Weight> Weights::find(std::string_view name) const {
    const auto found = entries_.find(name);
    if (found == entries_.end()) return std::nullopt;
    const auto& [tensor, owner] = found->second;
    Weight weight{
        .name = found->first, .dtype = tensor.dtype, .shape = tensor.shape, .bytes = tensor.bytes, .owner = owner};
    align(weight);
    return weight;
}

Weight Weights::at(std::string_view name) const {
    std::optional<Weight> weight = find(name);
    const auto both_names = [&] {
        const std::string in_file = name_in_file(name);
        return in_file == name ? in_file : fmt::format("{} ({} in diffusers' names)", in_file, name);
    };
    if (!weight) fail(ErrorKind::damaged, "{}: the {} lacks the tensor {}", where_, network_, both_names());
    for (const Transform& transform : transforms_) weight = transform(*std::move(weight));
    if (weight->dtype != DType::F32 && weight->dtype != DType::F16 && weight->dtype != DType::BF16)
        fail(ErrorKind::unsupported,
             "{}: the {}'s tensor {} is stored as {}, but F32, F16 or BF16 is needed; convert it", where_, network_,
             both_names(), easel::name(weight->dtype));
    return *weight;
}

std::string Weights::name_in_file(std::string_view name) const {
    return name_in_file_ ? name_in_file_(name) : std::string(name);
}

std::vector<std::string> Weights::names() const {
    std::vector<std::string> names;
    names.reserve(entries_.size());
    for (const auto& [name, entry] : entries_) names.push_back(name);
    return names;
}

std::set<DType> Weights::dtypes() const {
    std::set<DType> dtypes;
    for (const auto& [name, entry] : entries_) dtypes.insert(entry.tensor.dtype);
    return dtypes;
}

std::uint64_t Weights::total_bytes() const {
    std::uint64_t total = 0;
    for (const auto& [name, entry] : entries_) total += entry.tensor.bytes.size();
    return total;
}

std::optional<std::string> weight_that_is_not_finite(const Weights& weights) {
    for (const std::string& name : weights.names())
        if (holds_non_finite(*weights.find(name))) return weights.name_in_file(name);
    return std::nullopt;
}

}  // namespace easel
