#include "convert/replaceable.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <system_error>

#include "base/error.h"
#include "base/files.h"
#include "weights/contents.h"
#include "weights/safetensors.h"

namespace easel {
namespace fs = std::filesystem;
namespace {

/// All files of the four formats.
const std::set<std::string_view> files_of_models = {
    "easel.json",
    "model_index.json",
    "scheduler/scheduler_config.json",
    "text_encoder.bin",
    "text_encoder.xml",
    "text_encoder/config.json",
    "text_encoder/model.safetensors",
    "text_encoder/openvino_model.bin",
    "text_encoder/openvino_model.xml",
    "text_encoder_2/config.json",
    "text_encoder_2/model.safetensors",
    "text_encoder_2/openvino_model.bin",
    "text_encoder_2/openvino_model.xml",
    "tokenizer/added_tokens.json",
    "tokenizer/merges.txt",
    "tokenizer/openvino_tokenizer.bin",
    "tokenizer/openvino_tokenizer.xml",
    "tokenizer/special_tokens_map.json",
    "tokenizer/tokenizer.json",
    "tokenizer/tokenizer_config.json",
    "tokenizer/vocab.json",
    "tokenizer_2/added_tokens.json",
    "tokenizer_2/merges.txt",
    "tokenizer_2/openvino_tokenizer.bin",
    "tokenizer_2/openvino_tokenizer.xml",
    "tokenizer_2/special_tokens_map.json",
    "tokenizer_2/tokenizer.json",
    "tokenizer_2/tokenizer_config.json",
    "tokenizer_2/vocab.json",
    "unet.bin",
    "unet.xml",
    "unet/config.json",
    "unet/diffusion_pytorch_model.safetensors",
    "unet/openvino_model.bin",
    "unet/openvino_model.xml",
    "vae/config.json",
    "vae/diffusion_pytorch_model.safetensors",
    "vae_decoder.bin",
    "vae_decoder.xml",
    "vae_decoder/config.json",
    "vae_decoder/openvino_model.bin",
    "vae_decoder/openvino_model.xml",
    "vae_encoder.bin",
    "vae_encoder.xml",
    "vae_encoder/config.json",
    "vae_encoder/openvino_model.bin",
    "vae_encoder/openvino_model.xml",
};

/// The folders in which these lie.
const std::set<std::string_view> folders_of_models = {"scheduler", "text_encoder", "text_encoder_2",
                                                      "tokenizer", "tokenizer_2",  "unet",
                                                      "vae",       "vae_decoder",  "vae_encoder"};

constexpr std::array unets = {"unet/diffusion_pytorch_model.safetensors", "unet/openvino_model.xml", "unet.xml"};

bool belongs_to_a_model(const fs::directory_entry& entry, const std::string& name) {
    const fs::file_type type = entry.symlink_status().type();
    if (type == fs::file_type::directory) return folders_of_models.contains(name);
    return type == fs::file_type::regular && files_of_models.contains(name);
}

}  // namespace

void check_replaceable_folder(const fs::path& folder) {
    try {
        if (fs::is_empty(folder)) return;
        for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
            if (const std::string name = entry.path().lexically_relative(folder).generic_string();
                !belongs_to_a_model(entry, name))
                fail("{}: holds {}, which is not part of a converted model, so it is not replaced; give another name",
                     folder.string(), name);
    } catch (const fs::filesystem_error& error) {
        fail_with_system_error(folder, "cannot be read", error.code().value());
    }
    if (std::ranges::none_of(unets, [&](const char* unet) { return path_exists(folder / unet); }))
        fail("{}: is not a model, so it is not replaced; give another name", folder.string());
}

void check_replaceable_file(const fs::path& file) {
    if (!path_exists(file)) return;
    const auto is_whole_model = [&] {
        try {
            return contents_of(SafetensorsFile(file).tensors()).model.has_value();
        } catch (const Error&) {  // not a safetensors file
            return false;
        }
    };
    if (!is_whole_model()) fail("{}: is not a model, so it is not replaced; give another name", file.string());
}

}  // namespace easel
