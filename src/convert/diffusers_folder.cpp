#include "convert/diffusers_folder.h"

#include <optional>

#include "base/files.h"
#include "base/output_file.h"
#include "text/standard_files.h"
#include "weights/checkpoint_writer.h"

namespace easel {
namespace fs = std::filesystem;

void write_text_in_folder(const fs::path& path, const std::string& text) {
    fs::create_directories(path.parent_path());
    write_text_file(path, text);
}

namespace {

/// `own` is the model's own, if it has one; `padding` the id that fills rows otherwise.
bool write_tokenizer(const std::optional<fs::path>& own, int padding, const fs::path& folder) {
    fs::create_directories(folder);
    if (!own || (!path_exists(*own / "vocab.json") && !path_exists(*own / "tokenizer.json"))) {
        write_standard_tokenizer(folder, padding);
        if (!own) return is_standard_tokenizer(folder);
    }
    for (const char* name : {"vocab.json", "merges.txt", "tokenizer.json", "tokenizer_config.json",
                             "special_tokens_map.json", "added_tokens.json"})
        if (path_exists(*own / name)) fs::copy_file(*own / name, folder / name, fs::copy_options::overwrite_existing);
    return is_standard_tokenizer(folder);
}

}  // namespace

bool write_tokenizer(const Checkpoint& checkpoint, const fs::path& folder) {
    return write_tokenizer(checkpoint.tokenizer_folder, row_of(checkpoint.family).text_encoders.front().padding_id,
                           folder);
}

void write_diffusers_folder(const Checkpoint& checkpoint, const fs::path& folder) {
    write_diffusers_networks(checkpoint, folder);
    write_text_in_folder(folder / "model_index.json", model_index_text(checkpoint));
    write_text_in_folder(folder / "scheduler" / "scheduler_config.json", scheduler_config_text(checkpoint));
    const bool is_refiner = checkpoint.family == Family::stable_diffusion_xl_refiner;
    write_tokenizer(checkpoint, folder / (is_refiner ? "tokenizer_2" : "tokenizer"));
    if (checkpoint.text_encoder_2)
        write_tokenizer(checkpoint.tokenizer_2_folder, row_of(checkpoint.family).text_encoders.back().padding_id,
                        folder / "tokenizer_2");
    if (checkpoint.easel_json) write_text_in_folder(folder / "easel.json", *checkpoint.easel_json);
}

}  // namespace easel
