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
/// file keeps stacked. Throws Error of kind `damaged` when it has not as many rows.
Weight rows_of(const Weight& weight, std::int64_t first, std::int64_t count);

/// A matrix with its rows and columns exchanged: a copy. Throws Error of kind `damaged` when it is no matrix or its
/// elements do not fill whole bytes.
Weight transposed(const Weight& weight);

/// The weights of one network, by their diffusers names, whatever names their file has.
class Weights {
  public:
    /// How a tensor of a given diffusers name is called in the file: for errors.
    using NameInFile = std::function<std::string(std::string_view)>;
    /// What a builder is given in place of a weight; the shape may not change. It is called once for each time that a
    /// weight is taken, by one thread.
    using Transform = std::function<Weight(Weight)>;

    Weights() = default;
    /// `network` and `where` are for errors: "text encoder", "/models/tiny/text_encoder".
    Weights(std::string network, std::string where, NameInFile name_in_file = {});

    /// Takes in a tensor under its diffusers name. The last one of a name stays. `owner` keeps its bytes alive.
    void add(std::string name, const TensorView& tensor, std::shared_ptr<const void> owner);
    /// The same for a weight under its own name.
    void add(const Weight& weight);
    /// Notes a mapped file that weights point into.
    void add_file(std::shared_ptr<const MappedFile> file) { files_.push_back(std::move(file)); }

    /// The same weights, each changed by `transform` as a builder takes it with at(). Transforms add up: the newest is
    /// the last to be applied.
    Weights with(Transform transform) const;

    bool has(std::string_view name) const { return entries_.contains(name); }
    /// The weight of that name as it is stored, whatever its type, or none.
    std::optional<Weight> find(std::string_view name) const;
    /// The weight of that name, as the transforms make it. Throws Error when it is missing (naming it as its file
    /// would, and the file) or when its type is none of F32, F16, BF16.
    Weight at(std::string_view name) const;

    /// How the tensor of that diffusers name is called in the file, whether it is there or not.
    std::string name_in_file(std::string_view name) const;
    /// "UNet", "text encoder", "VAE".
    const std::string& network() const { return network_; }
    /// The file that holds the weights, or the folder of their files.
    const std::string& where() const { return where_; }
    /// The mapped files that the weights point into.
    const std::vector<std::shared_ptr<const MappedFile>>& files() const { return files_; }

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
    std::vector<std::shared_ptr<const MappedFile>> files_;
    std::vector<Transform> transforms_;
};

/// The name, as its file has it, of a weight that holds a number that is not finite (NaN or infinite), or none. Reads
/// all weights, so it is for when something went wrong.
std::optional<std::string> weight_that_is_not_finite(const Weights& weights);

}  // namespace easel
