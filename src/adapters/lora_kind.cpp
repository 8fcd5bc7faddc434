#include "adapters/lora_kind.h"

#include <algorithm>
#include <array>
#include <utility>

#include "weights/floats.h"

namespace easel {
namespace {

using Shape = std::span<const std::int64_t>;

const TensorView* find(const LoraParts& parts, std::string_view name) {
    const auto found = parts.find(name);
    return found == parts.end() ? nullptr : &found->second;
}

bool has(const LoraParts& parts, std::string_view name) { return find(parts, name) != nullptr; }

Values values(const LoraParts& parts, std::string_view name) {
    const TensorView& tensor = parts.find(name)->second;
    return {.shape = tensor.shape, .data = floats_of(tensor.bytes, tensor.dtype)};
}

/// A change of which all is there.
RowsOfChange rows_of(Values change) {
    const std::size_t columns = change.shape.empty() ? 1 : change.columns();
    return [data = std::move(change.data), columns](std::size_t first, std::span<float> rows) {
        std::ranges::copy(std::span(data).subspan(first * columns, rows.size()), rows.begin());
    };
}

std::int64_t count(Shape shape) {
    std::int64_t product = 1;
    for (const std::int64_t side : shape) product *= side;
    return product;
}

/// A part as the matrix of its first dimension and all others. 0 x 0 if it is not there, a scalar or empty.
struct Sides {
    std::int64_t rows = 0, columns = 0;
    bool operator==(const Sides&) const = default;
};

Sides sides(const LoraParts& parts, std::string_view name) {
    const TensorView* part = find(parts, name);
    if (!part || part->shape.empty() || count(part->shape) == 0) return {};
    return {part->shape[0], count(part->shape) / part->shape[0]};
}

std::int64_t outputs(Shape shape) { return shape.front(); }
std::int64_t inputs(Shape shape) { return shape.size() < 2 ? 1 : shape[1]; }
std::int64_t kernel(Shape shape) { return shape.size() < 2 ? 1 : count(shape.subspan(2)); }

/// Whether [out, r] and [r, rest] are there.
bool is_pair(const Sides& a, const Sides& b, std::int64_t out, std::int64_t rest) {
    return a.rows == out && a.columns == b.rows && b.columns == rest && b.rows > 0;
}

/// Whether a core [r, r, kernel] is there for sides of ranks `out_rank` and `in_rank`.
bool is_core(const LoraParts& parts, std::string_view name, std::int64_t out_rank, std::int64_t in_rank,
             std::int64_t kernel) {
    const TensorView* core = find(parts, name);
    return core && core->shape.size() >= 2 && core->shape[0] == out_rank && core->shape[1] == in_rank &&
           count(core->shape) == out_rank * in_rank * kernel && out_rank > 0;
}

// LoRA (Hu et al. 2021): two thin matrices; LoCon: the same for convolutions; with a core in the middle, Tucker's form.
constexpr std::string_view up = "lora_up.weight", down = "lora_down.weight", mid = "lora_mid.weight";

bool lora_fits(const LoraParts& parts, Shape shape) {
    const Sides u = sides(parts, up), d = sides(parts, down);
    if (!has(parts, mid)) return is_pair(u, d, outputs(shape), inputs(shape) * kernel(shape));
    return u.rows == outputs(shape) && d.columns == inputs(shape) &&
           is_core(parts, mid, u.columns, d.rows, kernel(shape));
}
std::optional<std::int64_t> lora_rank(const LoraParts& parts) { return sides(parts, down).rows; }
RowsOfChange lora_change(const LoraParts& parts) {
    if (has(parts, mid)) return rows_of(tucker(values(parts, mid), transpose(values(parts, up)), values(parts, down)));
    return [up_values = values(parts, up), down_values = values(parts, down)](
               std::size_t first, std::span<float> rows) { product_rows(up_values, down_values, first, rows); };
}

// LoHa (Hyeon-Woo et al. 2022, FedPara): two such products, multiplied element by element.
bool half_fits(const LoraParts& parts, Shape shape, std::string_view a, std::string_view b, std::string_view core) {
    const Sides first = sides(parts, a), second = sides(parts, b);
    if (!has(parts, core)) return is_pair(first, second, outputs(shape), inputs(shape) * kernel(shape));
    return first.columns == outputs(shape) && second.columns == inputs(shape) &&
           is_core(parts, core, first.rows, second.rows, kernel(shape));
}
Values half(const LoraParts& parts, std::string_view a, std::string_view b, std::string_view core) {
    if (has(parts, core)) return tucker(values(parts, core), values(parts, a), values(parts, b));
    return product(values(parts, a), values(parts, b));
}
bool loha_fits(const LoraParts& parts, Shape shape) {
    return half_fits(parts, shape, "hada_w1_a", "hada_w1_b", "hada_t1") &&
           half_fits(parts, shape, "hada_w2_a", "hada_w2_b", "hada_t2");
}
std::optional<std::int64_t> loha_rank(const LoraParts& parts) { return sides(parts, "hada_w1_b").rows; }
RowsOfChange loha_change(const LoraParts& parts) {
    return rows_of(
        hadamard(half(parts, "hada_w1_a", "hada_w1_b", "hada_t1"), half(parts, "hada_w2_a", "hada_w2_b", "hada_t2")));
}

// LoKr (Yeh et al. 2024): Kronecker's product of two factors, each whole or a product.
Sides first_factor(const LoraParts& parts) {
    if (has(parts, "lokr_w1")) return sides(parts, "lokr_w1");
    const Sides a = sides(parts, "lokr_w1_a"), b = sides(parts, "lokr_w1_b");
    return a.columns == b.rows ? Sides{a.rows, b.columns} : Sides{};
}
/// [o2, i2, kernel ...]; empty if the parts do not fit each other.
std::vector<std::int64_t> second_factor(const LoraParts& parts, Shape kernel_shape) {
    std::vector<std::int64_t> shape;
    if (const TensorView* whole = find(parts, "lokr_w2")) {
        if (whole->shape.size() < 2) return {};
        shape = {whole->shape[0], whole->shape[1]};
        return count(whole->shape) == shape[0] * shape[1] * count(kernel_shape) ? shape : std::vector<std::int64_t>();
    }
    const Sides a = sides(parts, "lokr_w2_a"), b = sides(parts, "lokr_w2_b");
    if (has(parts, "lokr_t2")) {
        if (!is_core(parts, "lokr_t2", a.rows, b.rows, count(kernel_shape))) return {};
        return {a.columns, b.columns};
    }
    if (a.columns != b.rows || b.rows == 0 || b.columns % count(kernel_shape) != 0) return {};
    return {a.rows, b.columns / count(kernel_shape)};
}
bool lokr_fits(const LoraParts& parts, Shape shape) {
    const Sides first = first_factor(parts);
    const auto second = second_factor(parts, shape.subspan(std::min<std::size_t>(2, shape.size())));
    return !second.empty() && first.rows * second[0] == outputs(shape) && first.columns * second[1] == inputs(shape);
}
std::optional<std::int64_t> lokr_rank(const LoraParts& parts) {
    if (!has(parts, "lokr_w2")) return sides(parts, "lokr_w2_b").rows;
    if (!has(parts, "lokr_w1")) return sides(parts, "lokr_w1_b").rows;
    return std::nullopt;
}
RowsOfChange lokr_change(const LoraParts& parts) {
    const Values first = has(parts, "lokr_w1") ? values(parts, "lokr_w1")
                                               : product(values(parts, "lokr_w1_a"), values(parts, "lokr_w1_b"));
    if (has(parts, "lokr_w2")) return rows_of(kronecker(first, values(parts, "lokr_w2")));
    const Values a = values(parts, "lokr_w2_a"), b = values(parts, "lokr_w2_b");
    if (has(parts, "lokr_t2")) {
        Values second = tucker(values(parts, "lokr_t2"), a, b);
        second.shape = {a.shape[1], b.shape[1], second.shape[1] / b.shape[1]};
        return rows_of(kronecker(first, second));
    }
    // The columns are inputs, each with its kernel: so they are in the weight too, and the kernel need not be known.
    return rows_of(kronecker(first, product(a, b)));
}

// Whole differences, as extracted models have them.
bool same_size(const LoraParts& parts, std::string_view name, Shape shape) {
    const TensorView* part = find(parts, name);
    return part && count(part->shape) == count(shape) && (part->shape.empty() || part->shape[0] == shape[0]);
}
bool full_fits(const LoraParts& parts, Shape shape) { return same_size(parts, "diff", shape); }
RowsOfChange full_change(const LoraParts& parts) { return rows_of(values(parts, "diff")); }
bool norm_fits(const LoraParts& parts, Shape shape) { return same_size(parts, "w_norm", shape); }
RowsOfChange norm_change(const LoraParts& parts) { return rows_of(values(parts, "w_norm")); }
std::optional<std::int64_t> no_rank(const LoraParts&) { return std::nullopt; }

constexpr std::array<std::string_view, 1> full_marks = {"diff"}, norm_marks = {"w_norm"};
constexpr std::array<std::string_view, 6> loha_marks = {"hada_w1_a", "hada_w1_b", "hada_w2_a",
                                                        "hada_w2_b", "hada_t1",   "hada_t2"};
constexpr std::array<std::string_view, 7> lokr_marks = {"lokr_w1",   "lokr_w1_a", "lokr_w1_b", "lokr_w2",
                                                        "lokr_w2_a", "lokr_w2_b", "lokr_t2"};
constexpr std::array<std::string_view, 3> lora_marks = {up, down, mid};

constexpr std::array kinds = {
    LoraKind{"full", full_marks, full_fits, no_rank, full_change},
    LoraKind{"norm", norm_marks, norm_fits, no_rank, norm_change},
    LoraKind{"LoHa", loha_marks, loha_fits, loha_rank, loha_change},
    LoraKind{"LoKr", lokr_marks, lokr_fits, lokr_rank, lokr_change},
    LoraKind{"LoRA", lora_marks, lora_fits, lora_rank, lora_change},
};

/// With every kind: how much of it, DoRA's lengths, and changes to a bias.
constexpr std::array<std::string_view, 4> other_parts = {"alpha", "dora_scale", "diff_b", "b_norm"};

}  // namespace

const LoraKind* lora_kind(const LoraParts& parts) {
    const auto found = std::ranges::find_if(kinds, [&](const LoraKind& kind) {
        return std::ranges::any_of(kind.marks, [&](std::string_view mark) { return has(parts, mark); });
    });
    return found == kinds.end() ? nullptr : &*found;
}

bool is_lora_part(std::string_view part) {
    return std::ranges::find(other_parts, part) != other_parts.end() ||
           std::ranges::any_of(
               kinds, [&](const LoraKind& kind) { return std::ranges::find(kind.marks, part) != kind.marks.end(); });
}

}  // namespace easel
