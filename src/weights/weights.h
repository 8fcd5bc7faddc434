#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "weights/dtype.h"
#include "weights/safetensors.h"

namespace easel {

/// A tensor of a checkpoint, in place in its mapped file.
struct Weight {
    /// The diffusers name within its network ("down_blocks.0.resnets.0.conv1.weight").
    std::string name;
    DType dtype = DType::F32;
    std::vector<std::int64_t> shape;
    /// Aligned to the size of an element.
    std::span<const std::byte> bytes;
    /// Keeps `bytes` alive.
    std::shared_ptr<const void> owner;
};

/// The rows `first` to `first + count` of a weight of one dimension or more, in place: one of several matrices that a
/// file keeps stacked. Throws Error of kind `damaged` if it has fewer rows.
Weight rows_of(const Weight& weight, std::int64_t first, std::int64_t count);

/// The transposed matrix: a copy. Throws Error of kind `damaged` if it is not a matrix or its elements do not fill
/// whole bytes.
Weight transposed(const Weight& weight);

/// The weights of one network, by their diffusers names, independent of the names in the file.
class Weights {
  public:
    /// The name in the file of a tensor with a given diffusers name: for errors.
    using NameInFile = std::function<std::string(std::string_view)>;
    /// Returns what a builder receives instead of a weight; the shape must not change. Called by one thread, each time
    /// a weight is taken.
    using Transform = std::function<Weight(Weight)>;

    Weights() = default;
    /// `network` and `where` are for errors: "text encoder", "/models/tiny/text_encoder".
    Weights(std::string network, std::string where, NameInFile name_in_file = {});

    /// Adds a tensor under its diffusers name. The last one with a name wins. `owner` keeps its bytes alive.
    void add(std::string name, const TensorView& tensor, std::shared_ptr<const void> owner);
    /// The same for a weight under its own name.
    void add(const Weight& weight);
    /// Records a mapped file that weights point into.
    void add_file(std::shared_ptr<const MappedFile> file) { files_.push_back(std::move(file)); }

    /// The same weights, each changed by `transform` as a builder takes it with at(). Transforms add up: the newest is
    /// the last to be applied.
    Weights with(Transform transform) const;

    bool has(std::string_view name) const { return entries_.contains(name); }
    /// The weight of that name as it is stored, of any type, or none.
    std::optional<Weight> find(std::string_view name) const;
    /// The weight of that name after all transforms. Throws Error if it is missing (with its name in the file, and the
    /// file) or if its type is not F32, F16 or BF16.
    Weight at(std::string_view name) const;

    /// The name in the file of the tensor with that diffusers name, whether it exists or not.
    std::string name_in_file(std::string_view name) const;
    /// "UNet", "text encoder", "VAE".
    const std::string& network() const { return network_; }
    /// The file that holds the weights, or the folder of their files.
    const std::string& where() const { return where_; }
    /// The mapped files that the weights point into.
    const MappedFiles& files() const { return files_; }

    std::vector<std::string> names() const;
    bool empty() const { return entries_.empty(); }
    std::set<DType> dtypes() const;
    /// Sum of the weights' sizes in their files.
    std::uint64_t total_bytes() const;

  private:
    struct Entry {
        TensorView tensor;
        std::shared_ptr<const void> owner;
    };
    std::string network_, where_;
    NameInFile name_in_file_;
    std::map<std::string, Entry, std::less<>> entries_;
    MappedFiles files_;
    std::vector<Transform> transforms_;
};

/// The name, as its file has it, of a weight that holds a number that is not finite (NaN or infinite), or none. Reads
/// all weights, so it is meant for after a failure.
std::optional<std::string> weight_that_is_not_finite(const Weights& weights);

}  // namespace easel
