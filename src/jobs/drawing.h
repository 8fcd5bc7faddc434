#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <easel/easel.h>

#include "collection/collection.h"
#include "jobs/job_file.h"
#include "person/person_mask.h"
#include "pictures/read.h"
#include "settings/setting.h"

namespace easel::jobs {

/// The files that a picture is drawn from.
struct InputFiles {
    /// Empty: none. "-" is standard input.
    std::filesystem::path init_image, mask;
    /// "person" or "background": the mask is made of what is found in init_image. Empty: it is not.
    std::string auto_mask;
    PersonMaskOptions person;
    bool operator==(const InputFiles&) const = default;
};

/// What is written, and under which names.
struct OutputNames {
    /// `%d` stands for the picture's number (see numbered_paths()). Empty: a name made from the prompt.
    std::filesystem::path output;
    /// Empty: not written.
    std::filesystem::path save_latents, save_mask;
    bool overwrite = false;
    /// Whether the settings are stored in the picture.
    bool metadata = true;
};

/// What a call of `easel generate` or a table of a job file asks for: a picture, or a batch of them.
struct Drawing {
    /// Without its pictures, which InputFiles names.
    Request request;
    /// `model` is what the model is called: a path, or a name that the program knows. Empty: the program's own choice.
    EngineOptions engine;
    InputFiles inputs;
    OutputNames outputs;
    int batch_count = 1;
    /// The picture whose stored settings are drawn with; empty: none.
    std::filesystem::path params_from;
    /// Where files are looked for by name.
    Collection collection;
    /// Of the embeddings and LoRAs that are stored in `params_from`: see StoredSettings.
    std::vector<std::string> embedding_hashes, lora_hashes;
};

/// A setting of a Drawing: a key of job files and a flag of `easel generate`.
struct DrawingSetting {
    const SettingFacts* facts;
    /// The default, if there is one.
    std::optional<std::string> standard;
    /// Throws Error about the field if the setting cannot have that value.
    std::function<void(Drawing& drawing, std::string_view text)> set;
};

/// All of them, in the order of --help.
std::span<const DrawingSetting> drawing_settings();

/// The setting with that flag, as "--seed" or "seed"; null if there is none.
const DrawingSetting* find_drawing_setting(std::string_view flag);

/// The keys of a job file.
std::vector<Key> job_keys();

/// Whether a setting is a prompt, and not a name or a path.
bool is_prompt(const SettingFacts& setting);

/// What a job file calls a field: "num-inference-steps"; of `composite` "no-composite".
std::string key_of_field(std::string_view field);

/// An error's sentence with job keys for the fields in it.
std::string with_job_keys(std::string_view sentence);

/// The drawing that the settings ask for. Where they are silent, the request is that of the picture `params-from`, else
/// that of `standard`; everything else is as in `standard`. `note`, which may be empty, gets what is stored in that
/// picture and cannot be honoured. Throws Error on a setting that does not exist, on a value that a setting cannot
/// have, and on a combination that makes no sense whatever the model.
Drawing read_drawing(const GivenSettings& given, const Drawing& standard, const Note& note);

/// Notes in what the drawn picture differs from the picture `params_from` although no setting says so: its model, ...
void note_differences(const std::filesystem::path& params_from, const Result& drawn, const Note& note);

}  // namespace easel::jobs
