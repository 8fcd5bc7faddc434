#pragma once

#include <cstdint>
#include <filesystem>
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
#include "weights/configs.h"
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

/// The weights of one network, by their diffusers names, whatever names their file has.
class Weights {
  public:
    /// How a tensor of a given diffusers name is called in the file: for errors.
    using NameInFile = std::function<std::string(std::string_view)>;

    Weights() = default;
    /// `network` and `where` are for errors: "text encoder", "/models/tiny/text_encoder".
    Weights(std::string network, std::string where, NameInFile name_in_file = {});

    /// Takes in a tensor under its diffusers name. The last one of a name stays. `owner` keeps its bytes alive.
    void add(std::string name, const TensorView& tensor, std::shared_ptr<const void> owner);

    /// The weight of that name, whatever its type, or none.
    std::optional<Weight> find(std::string_view name) const;
    /// The weight of that name. Throws Error when it is missing (naming it as its file would, and the file) or when its
    /// type is none of F32, F16, BF16.
    Weight at(std::string_view name) const;

    /// How the tensor of that diffusers name is called in the file, whether it is there or not.
    std::string name_in_file(std::string_view name) const;
    /// The file that holds the weights, or the folder of their files.
    const std::string& where() const { return where_; }

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
};

/// One network of a checkpoint.
template <typename Config>
struct Network {
    Config config;
    Weights weights;
};

/// A Stable Diffusion 1.x model on disk, opened but not read: its weights are views of mapped files.
struct Checkpoint {
    enum class Layout { diffusers_folder, single_file };

    /// Opens a diffusers folder (with a `model_index.json`) or an original single file (`.safetensors`).
    /// Throws Error when `path` is neither, when a file is damaged, and, naming what it is, when it is a sound
    /// checkpoint of a kind that is not supported. Missing weights are found when they are asked for.
    static Checkpoint open(const std::filesystem::path& path);

    std::filesystem::path path;
    Layout layout = Layout::diffusers_folder;
    /// Short name for a picture's metadata: the folder's name, or the file's without its extension.
    std::string name;

    Network<TextEncoderConfig> text_encoder;
    Network<UNetConfig> unet;
    Network<VaeConfig> vae;

    /// The text of `scheduler/scheduler_config.json`, where the model has one.
    std::optional<std::string> scheduler_config;
    /// The folder `tokenizer`, where the model has one.
    std::optional<std::filesystem::path> tokenizer_folder;
    /// The text of `easel.json`, the model's own defaults, where it has one.
    std::optional<std::string> easel_json;

    /// Every mapped file.
    std::vector<std::shared_ptr<const MappedFile>> files;
    /// Sentences about what was found and not used.
    std::vector<std::string> notes;

    /// One line for a person: family, layout, types, size.
    std::string description() const;
};

}  // namespace easel
