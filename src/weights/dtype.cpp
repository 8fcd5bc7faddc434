#include "weights/dtype.h"

#include <array>

namespace easel {
namespace {

struct Row {
    DType dtype;
    std::string_view name;
    std::uint64_t bits;
};

constexpr std::array dtypes = {
    Row{DType::BOOL, "BOOL", 8},
    Row{DType::F4, "F4", 4},
    Row{DType::F6_E2M3, "F6_E2M3", 6},
    Row{DType::F6_E3M2, "F6_E3M2", 6},
    Row{DType::U8, "U8", 8},
    Row{DType::I8, "I8", 8},
    Row{DType::F8_E5M2, "F8_E5M2", 8},
    Row{DType::F8_E4M3, "F8_E4M3", 8},
    Row{DType::F8_E8M0, "F8_E8M0", 8},
    Row{DType::F8_E4M3FNUZ, "F8_E4M3FNUZ", 8},
    Row{DType::F8_E5M2FNUZ, "F8_E5M2FNUZ", 8},
    Row{DType::I16, "I16", 16},
    Row{DType::U16, "U16", 16},
    Row{DType::F16, "F16", 16},
    Row{DType::BF16, "BF16", 16},
    Row{DType::I32, "I32", 32},
    Row{DType::U32, "U32", 32},
    Row{DType::F32, "F32", 32},
    Row{DType::C64, "C64", 64},
    Row{DType::F64, "F64", 64},
    Row{DType::I64, "I64", 64},
    Row{DType::U64, "U64", 64},
};

constexpr bool dtypes_follow_the_enum() {
    for (std::size_t i = 0; i < dtypes.size(); ++i)
        if (static_cast<std::size_t>(dtypes[i].dtype) != i) return false;
    return dtypes.back().dtype == DType::U64;
}
static_assert(dtypes_follow_the_enum());

const Row& row(DType dtype) { return dtypes[static_cast<std::size_t>(dtype)]; }

}  // namespace

std::string_view name(DType dtype) { return row(dtype).name; }

std::uint64_t bit_size(DType dtype) { return row(dtype).bits; }

std::optional<DType> dtype_of_name(std::string_view name) {
    for (const Row& candidate : dtypes)
        if (candidate.name == name) return candidate.dtype;
    return std::nullopt;
}

}  // namespace easel
