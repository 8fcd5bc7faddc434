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
        if (!own) return is_standard_tokenizer(folder, padding);
    }
    for (const char* name : {"vocab.json", "merges.txt", "tokenizer.json", "tokenizer_config.json",
                             "special_tokens_map.json", "added_tokens.json"})
        if (path_exists(*own / name)) fs::copy_file(*own / name, folder / name, fs::copy_options::overwrite_existing);
    return is_standard_tokenizer(folder, padding);
}

}  // namespace

std::vector<WrittenTokenizer> write_tokenizers(const Checkpoint& checkpoint, const fs::path& folder) {
    const auto texts = row_of(checkpoint.family).text_encoders;
    const auto write = [&](const std::optional<fs::path>& own, const FamilyTextEncoder& text, const char* name) {
        const bool is_standard = write_tokenizer(own, text.padding_id, folder / name);
        return WrittenTokenizer{.folder = folder / name, .padding_id = text.padding_id, .is_standard = is_standard};
    };
    const bool is_refiner = checkpoint.family == Family::stable_diffusion_xl_refiner;
    std::vector<WrittenTokenizer> written = {
        write(checkpoint.tokenizer_folder, texts.front(), is_refiner ? "tokenizer_2" : "tokenizer")};
    if (checkpoint.text_encoder_2) written.push_back(write(checkpoint.tokenizer_2_folder, texts.back(), "tokenizer_2"));
    return written;
}

void write_diffusers_folder(const Checkpoint& checkpoint, const fs::path& folder) {
    write_diffusers_networks(checkpoint, folder);
    write_text_in_folder(folder / "model_index.json", model_index_text(checkpoint));
    write_text_in_folder(folder / "scheduler" / "scheduler_config.json", scheduler_config_text(checkpoint));
    write_tokenizers(checkpoint, folder);
    if (checkpoint.easel_json) write_text_in_folder(folder / "easel.json", *checkpoint.easel_json);
}

}  // namespace easel
