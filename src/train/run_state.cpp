#include "train/run_state.h"

#include <charconv>

#include "base/error.h"
#include "weights/safetensors.h"

namespace easel::train {
namespace {

constexpr const char* step_key = "easel.step";
constexpr const char* seconds_key = "easel.seconds";
constexpr const char* identity_key = "easel.run";

const std::string& entry(const SafetensorsFile& file, const char* key, const std::string& where) {
    const auto found = file.metadata().find(key);
    if (found == file.metadata().end())
        fail(ErrorKind::damaged, "{}: is not the checkpoint of a training run: it has no {}", where, key);
    return found->second;
}

template <typename Number>
Number number(const SafetensorsFile& file, const char* key, const std::string& where) {
    const std::string& text = entry(file, key, where);
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !(value >= 0))
        fail(ErrorKind::damaged, "{}: {} is no number of a training run: {:.60}", where, key, text);
    return value;
}

}  // namespace

void save_state(const RunState& state, const std::filesystem::path& path) {
    std::vector<TensorView> views;
    std::vector<torch::Tensor> kept;
    for (const auto& [name, tensor] : state.tensors) {
        kept.push_back(tensor.detach().to(torch::kCPU, torch::kFloat).contiguous());
        const std::span bytes(static_cast<const std::byte*>(kept.back().data_ptr()), kept.back().nbytes());
        views.push_back({.name = name, .dtype = DType::F32, .shape = tensor.sizes().vec(), .bytes = bytes});
    }
    write_safetensors(path, views,
                      {{step_key, fmt::format("{}", state.step)},
                       {seconds_key, fmt::format("{}", state.seconds)},
                       {identity_key, state.identity}});
}

RunState load_state(const std::filesystem::path& path) {
    const std::string where = path.string();
    const SafetensorsFile file(path);
    RunState state{.step = number<std::int64_t>(file, step_key, where),
                   .seconds = number<double>(file, seconds_key, where),
                   .identity = entry(file, identity_key, where)};
    for (const auto& [name, view] : file.tensors()) {
        if (view.dtype != DType::F32) fail(ErrorKind::damaged, "{}: the tensor {} is not F32", where, name);
        auto* const bytes = const_cast<std::byte*>(view.bytes.data());
        state.tensors[name] = torch::from_blob(bytes, view.shape, torch::kFloat).clone();
    }
    return state;
}

std::string load_identity(const std::filesystem::path& path) {
    return entry(SafetensorsFile(path), identity_key, path.string());
}

}  // namespace easel::train
