#include "weights/checkpoint.h"

#include <cstring>
#include <system_error>

#include <fmt/ranges.h>

#include "base/error.h"
#include "weights/layouts.h"

namespace easel {
namespace fs = std::filesystem;
namespace {

/// Copies bytes that do not lie at a multiple of their element's size: files with odd headers are sound but rare.
void align(Weight& weight) {
    const std::uint64_t element = bit_size(weight.dtype) / 8;
    if (element <= 1 || reinterpret_cast<std::uintptr_t>(weight.bytes.data()) % element == 0) return;
    auto copy = std::make_shared<std::vector<std::byte>>(weight.bytes.begin(), weight.bytes.end());
    weight.bytes = *copy;
    weight.owner = std::move(copy);
}

}  // namespace

Weights::Weights(std::string network, std::string where, NameInFile name_in_file)
    : network_(std::move(network)), where_(std::move(where)), name_in_file_(std::move(name_in_file)) {}

void Weights::add(std::string name, const TensorView& tensor, std::shared_ptr<const void> owner) {
    entries_[std::move(name)] = {tensor, std::move(owner)};
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
    if (!weight) fail("{}: the {} lacks the tensor {}", where_, network_, both_names());
    if (weight->dtype != DType::F32 && weight->dtype != DType::F16 && weight->dtype != DType::BF16)
        fail("{}: the {}'s tensor {} is stored as {}, but F32, F16 or BF16 is needed; convert it", where_, network_,
             both_names(), easel::name(weight->dtype));
    return *weight;
}

std::string Weights::name_in_file(std::string_view name) const {
    return name_in_file_ ? name_in_file_(name) : std::string(name);
}

std::vector<std::string> Weights::names() const {
    std::vector<std::string> names;
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

Checkpoint Checkpoint::open(const fs::path& path) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (status.type() == fs::file_type::not_found)
        fail(ErrorKind::not_found,
             "{}: there is no such file or folder; give a diffusers folder or a .safetensors file", path.string());
    return fs::is_directory(status) ? open_diffusers_folder(path) : open_single_file(path);
}

std::string Checkpoint::description() const {
    std::set<std::string_view> types;
    for (const Weights* weights : {&text_encoder.weights, &unet.weights, &vae.weights})
        for (const DType dtype : weights->dtypes()) types.insert(easel::name(dtype));
    const std::uint64_t bytes =
        text_encoder.weights.total_bytes() + unet.weights.total_bytes() + vae.weights.total_bytes();
    return fmt::format("Stable Diffusion 1.x, {}, {}, {:.1f} MB",
                       layout == Layout::diffusers_folder ? "diffusers folder" : "single file",
                       fmt::join(types, " and "), static_cast<double>(bytes) / 1e6);
}

void check_family(const TextEncoderConfig& text_encoder, const UNetConfig& unet, const VaeConfig& vae,
                  const std::string& where) {
    if (unet.cross_attention_dim == 1024 && text_encoder.hidden_size == 1024)
        fail("{}: is a Stable Diffusion 2.x model, which is not supported yet; Stable Diffusion 1.x is", where);
    if (unet.in_channels == 2 * vae.latent_channels + 1)
        fail(
            "{}: is an inpainting model (its UNet takes {} channels), which is not supported yet; masks work with "
            "plain "
            "models of {} channels",
            where, unet.in_channels, vae.latent_channels);
    if (unet.in_channels == 2 * vae.latent_channels)
        fail("{}: is an InstructPix2Pix model (its UNet takes {} channels), which is not supported yet", where,
             unet.in_channels);
    if (unet.in_channels != vae.latent_channels || unet.out_channels != vae.latent_channels)
        fail("{}: its UNet takes {} and gives {} channels, but its VAE has {} latent channels", where, unet.in_channels,
             unet.out_channels, vae.latent_channels);
    if (unet.cross_attention_dim != text_encoder.hidden_size)
        fail("{}: its UNet takes embeddings of width {}, but its text encoder gives {}", where,
             unet.cross_attention_dim, text_encoder.hidden_size);
}

void add_as_diffusers_stores(Weights& weights, const std::string& diffusers_name, TensorView tensor,
                             const SafetensorsFile& file) {
    const std::string_view name = diffusers_name;
    if (name.ends_with("embeddings.position_ids")) return;
    const bool projection = name.ends_with(".weight") &&
                            name.find(".mid_block.attentions.") != std::string_view::npos &&
                            name.find(".to_") != std::string_view::npos;
    if (projection && tensor.shape.size() == 4 && tensor.shape[2] == 1 && tensor.shape[3] == 1) tensor.shape.resize(2);
    weights.add(diffusers_name, tensor, file.file());
}

}  // namespace easel
