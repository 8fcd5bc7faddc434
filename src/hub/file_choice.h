#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace easel::hub {

/// What a person may specify in addition to a model's name.
struct Wanted {
    /// Globs ("*" stands for "/" too); if there are any, the files that match one are downloaded instead of easel's own
    /// choice.
    std::vector<std::string> include;
    /// "fp16", "bf16", ...: the weights with it in their names (unet/diffusion_pytorch_model.fp16.safetensors). Empty:
    /// the plain ones, else fp16, else bf16.
    std::string variant;
};

/// The files of a repository that easel needs.
struct FileChoice {
    enum class Kind {
        /// model_index.json with the parts in folders, weights as .safetensors.
        diffusers_folder,
        /// OpenVINO IR: the same folders with openvino_model.xml and .bin, or the pairs unet.xml, unet.bin, ... at the
        /// top.
        openvino_folder,
        /// One .safetensors at the top.
        single_file,
        /// What Wanted::include matches.
        included,
    };
    Kind kind;
    /// Settings before weights; for single_file the one file.
    std::vector<std::string> files;
};

/// Chooses among the names of a repository's files, on a hub or in the cache. A part's weights are chosen
/// once: one variant, as one file or in shards; never a pickle. Throws Error, which begins with `where`, if the files
/// are not a complete model.
FileChoice choose_files(const std::vector<std::string>& names, const Wanted& wanted, std::string_view where);

}  // namespace easel::hub
