#pragma once

#include <cstring>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "support/files.h"
#include "weights/checkpoint.h"
#include "weights/checkpoint_writer.h"
#include "weights/crafted.h"
#include "weights/safetensors.h"

/// golden/families: small models of the families beside Stable Diffusion 1.x.
namespace easel::testing {

inline const std::string families = "golden/families/";

/// A copy of a file whose token tables are whole again: they are kept without the rows that no test needs, and their
/// tensor `NAME.rows` says which are left (scripts/trim_families.py).
inline void write_whole(const std::filesystem::path& from, const std::filesystem::path& to) {
    constexpr std::size_t tokens = 49408;
    constexpr std::string_view ending = ".rows";
    const SafetensorsFile file(from);
    std::vector<std::vector<std::byte>> tables;
    tables.reserve(file.tensors().size());
    std::vector<TensorView> tensors;
    for (const auto& [name, tensor] : file.tensors()) {
        if (name.ends_with(ending)) continue;
        tensors.push_back(tensor);
        const auto rows = file.tensors().find(name + std::string(ending));
        if (rows == file.tensors().end()) continue;
        const std::size_t count = rows->second.bytes.size() / sizeof(std::int64_t);
        const std::size_t width = tensor.bytes.size() / count;
        std::vector<std::byte>& table = tables.emplace_back(tokens * width);
        for (std::size_t i = 0; i < count; ++i) {
            std::int64_t row = 0;
            std::memcpy(&row, rows->second.bytes.data() + i * sizeof row, sizeof row);
            std::memcpy(table.data() + static_cast<std::size_t>(row) * width, tensor.bytes.data() + i * width, width);
        }
        tensors.back().shape.front() = tokens;
        tensors.back().bytes = table;
    }
    std::filesystem::create_directories(to.parent_path());
    write_safetensors(to, tensors, file.metadata());
}

/// Writes the refiner as a folder: its UNet, with the text encoder and the VAE of sdxl.safetensors.
inline void write_refiner(const std::filesystem::path& to, const TemporaryFolder& folder) {
    write_whole(families + "sdxl.safetensors", folder / "lender.safetensors");
    const Checkpoint lender = Checkpoint::open(folder / "lender.safetensors");
    write_diffusers_networks({.path = to,
                              .family = Family::stable_diffusion_xl_refiner,
                              .text_encoder = *lender.text_encoder_2,
                              .unet = open_unet(families + "sdxl_refiner"),
                              .vae = lender.vae},
                             to);
}

/// A copy of a model of golden/families, file or folder, as it was before its tables were trimmed. A folder gets the
/// VAE of sd2_v.safetensors, and the text encoder of sd15_inpaint if it has none; the refiner see write_refiner().
inline std::filesystem::path whole_model(const std::string& name, const TemporaryFolder& folder) {
    namespace fs = std::filesystem;
    const fs::path from = families + name, to = folder / name;
    const auto copy = [](const fs::path& file, const fs::path& place) {
        fs::create_directories(place.parent_path());
        if (file.extension() == ".safetensors")
            write_whole(file, place);
        else
            fs::copy_file(file, place);
    };
    if (fs::is_regular_file(from)) {
        copy(from, to);
        fs::path sidecar = from;
        if (fs::exists(sidecar.replace_extension(".yaml"))) copy(sidecar, to.parent_path() / sidecar.filename());
        return to;
    }
    for (const auto& entry : fs::recursive_directory_iterator(from))
        if (entry.is_regular_file()) copy(entry.path(), to / fs::relative(entry.path(), from));
    if (fs::exists(to / "text_encoder_2")) {
        write_refiner(to, folder);
        return to;
    }
    const fs::path text_encoder = fs::path("text_encoder") / "model.safetensors";
    if (!fs::exists(to / text_encoder)) copy(fs::path(families) / "sd15_inpaint" / text_encoder, to / text_encoder);
    EditableTensors vae(families + "sd2_v.safetensors");
    vae.rename_all([](const std::string& tensor) {
        constexpr std::string_view prefix = "first_stage_model.";
        return tensor.starts_with(prefix) ? tensor.substr(prefix.size()) : std::string();
    });
    vae.write(folder / "vae.safetensors");
    write_vae(open_vae(folder / "vae.safetensors"), to / "vae");
    return to;
}

}  // namespace easel::testing
