#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "support/files.h"
#include "weights/safetensors.h"

namespace easel::testing {

/// The bytes of a safetensors file with this header and data, sound or not.
inline std::string raw_safetensors(const std::string& header, const std::string& data = {}) {
    std::string bytes(8, '\0');
    const std::uint64_t length = header.size();
    std::memcpy(bytes.data(), &length, 8);
    return bytes + header + data;
}

/// A writable copy of a file's tensors, to be changed and written again.
class EditableTensors {
  public:
    EditableTensors() = default;
    explicit EditableTensors(const std::filesystem::path& path) : file_(std::make_shared<SafetensorsFile>(path)) {
        tensors_ = file_->tensors();
        metadata = file_->metadata();
    }

    void add(const std::string& name, std::vector<std::int64_t> shape, DType dtype = DType::F16) {
        std::uint64_t bits = bit_size(dtype);
        for (const std::int64_t side : shape) bits *= static_cast<std::uint64_t>(side);
        storage_.emplace_back(std::make_unique<std::vector<std::byte>>(bits / 8));
        tensors_[name] = {.name = name, .dtype = dtype, .shape = std::move(shape), .bytes = *storage_.back()};
    }

    void remove(const std::string& name) { ASSERT_EQ(tensors_.erase(name), 1u); }

    void remove_beginning(const std::string& prefix) {
        ASSERT_GT(std::erase_if(tensors_, [&](const auto& entry) { return entry.first.starts_with(prefix); }), 0u);
    }

    /// Gives every tensor the name that `rename` makes of its own; an empty one removes it.
    template <typename Rename>
    void rename_all(Rename rename) {
        std::map<std::string, TensorView> renamed;
        for (auto& [name, tensor] : tensors_)
            if (const std::string other = rename(name); !other.empty()) {
                tensor.name = other;
                renamed[other] = tensor;
            }
        tensors_ = std::move(renamed);
    }

    TensorView& operator[](const std::string& name) { return tensors_.at(name); }

    void write(const std::filesystem::path& path) const {
        std::vector<TensorView> list;
        for (const auto& [name, tensor] : tensors_) list.push_back(tensor);
        std::filesystem::create_directories(path.parent_path());
        write_safetensors(path, list, metadata);
    }

    std::map<std::string, std::string> metadata;

  private:
    std::shared_ptr<SafetensorsFile> file_;
    std::map<std::string, TensorView> tensors_;
    std::vector<std::unique_ptr<std::vector<std::byte>>> storage_;
};

}  // namespace easel::testing
