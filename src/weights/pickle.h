#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "weights/safetensors.h"

namespace easel {

class PickleValue;

/// What a pickle's values can be, as data: nothing of it is ever called.
namespace pickled {
struct None {};
/// A whole number of more than 64 bits, little-endian.
struct LongNumber {
    std::string bytes;
};
/// "torch._utils _rebuild_tensor_v2"
struct Global {
    std::string name;
};
struct Sequence {
    std::vector<const PickleValue*> items;
};
/// A dictionary, or an object with its attributes.
struct Dictionary {
    std::vector<std::pair<const PickleValue*, const PickleValue*>> entries;
};
/// The numbers that tensors are views of.
struct Storage {
    DType dtype = DType::F32;
    std::string key;
    std::uint64_t count = 0;
};
/// Of a storage, from `offset` on.
struct Tensor {
    const PickleValue* storage = nullptr;
    std::uint64_t offset = 0;
    /// Without bytes until the storages are known.
    TensorView view;
};
}  // namespace pickled

/// A value of a pickle.
class PickleValue {
  public:
    using Kind =
        std::variant<pickled::None, bool, std::int64_t, double, std::string, pickled::LongNumber, pickled::Global,
                     pickled::Sequence, pickled::Dictionary, pickled::Storage, pickled::Tensor>;
    Kind kind;

    /// Null where it is something else, or has no such entry.
    const std::string* text() const { return std::get_if<std::string>(&kind); }
    const TensorView* tensor() const;
    const std::vector<std::pair<const PickleValue*, const PickleValue*>>* entries() const;
    const PickleValue* find(std::string_view key) const;
};

/// Whether bytes are one of torch's files of pickles: a zip, or the older row of pickles.
bool is_pickle(std::span<const std::byte> bytes);

/// A file that torch.save() wrote, in either of its forms (since torch 1.6 a zip, before it five pickles in a row and
/// the storages behind them). It is read by a machine that knows only the instructions and the names that tensors in
/// dictionaries need, and calls nothing. Tensors are views of `bytes`, which must outlive them.
class Pickle {
  public:
    /// `where` names the file in errors. Throws Error: `unsupported` for a name that is not on the list, which it
    /// names; `damaged` where the file is broken, tensors lie outside their storages or are not contiguous.
    Pickle(std::span<const std::byte> bytes, std::string_view where);

    const PickleValue& root() const { return *root_; }

  private:
    /// Values refer to each other, in circles too.
    std::deque<PickleValue> values_;
    const PickleValue* root_ = nullptr;
};

}  // namespace easel
