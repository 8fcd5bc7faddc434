#include "cli/shipped_model_notes.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/files.h"
#include "settings/dynamic_prompt.h"
#include "weights/family.h"

namespace easel::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t longest_list = 1u << 20;
constexpr std::size_t most_words_named = 4;
/// Shorter words ("a", "of", "in") do not name what a picture shows.
constexpr std::size_t shortest_word = 3;

std::string where_models_come_from() {
    return fmt::format(
        "--model takes a checkpoint of {} instead: a .safetensors file, a diffusers or OpenVINO folder, or owner/name "
        "to download one from a Hugging Face hub",
        row_of(Family::stable_diffusion_1).name);
}

/// The file that records that this was noted, by the XDG base directory specification.
std::optional<fs::path> mark() {
    if (const char* folder = std::getenv("XDG_STATE_HOME"); folder && *folder)
        return fs::path(folder) / "easel" / "told-of-models";
    if (const char* home = std::getenv("HOME"); home && *home)
        return fs::path(home) / ".local" / "state" / "easel" / "told-of-models";
    return std::nullopt;
}

std::vector<std::string> words_in(std::string_view text) {
    std::vector<std::string> words(1);
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) || byte >= 0x80)
            words.back() += static_cast<char>(std::tolower(byte));
        else if (!words.back().empty())
            words.emplace_back();
    }
    std::erase_if(words, [](const std::string& word) { return word.size() < shortest_word; });
    return words;
}

/// Those that the lists in the model's folder do not hold: names.txt, the names of all that it was taught to draw, and
/// words.txt, what else its captions said. None if there is no list.
std::vector<std::string> unknown_words(const fs::path& model, std::string_view prompt) {
    std::set<std::string> known;
    for (const char* list : {"names.txt", "words.txt"}) {
        std::error_code ignored;
        if (!fs::exists(model / list, ignored)) return {};
        const std::vector<std::string> trained = words_in(read_text_file(model / list, longest_list));
        known.insert(trained.begin(), trained.end());
    }
    std::vector<std::string> unknown = words_in(prompt);
    std::erase_if(unknown, [&](const std::string& word) { return !known.insert(word).second; });
    return unknown;
}

void note_sources_once(const Callbacks& callbacks) {
    const auto path = mark();
    std::error_code ignored;
    if (!path || fs::exists(*path, ignored)) return;
    callbacks.note(
        fmt::format("this was drawn by the small model that ships with easel, which knows emoji by name; {} (this note "
                    "comes only once)",
                    where_models_come_from()));
    fs::create_directories(path->parent_path(), ignored);
    std::ofstream file(*path);  // if this fails, the note comes again
}

}  // namespace

void note_shipped_model(const fs::path& model, std::string_view prompt, const Callbacks& callbacks) {
    if (!callbacks.note) return;
    // Which words choices become is not known yet.
    const auto unknown = has_choices(prompt) ? std::vector<std::string>() : unknown_words(model, prompt);
    if (unknown.empty()) return note_sources_once(callbacks);
    const auto named = unknown.begin() + static_cast<std::ptrdiff_t>(std::min(unknown.size(), most_words_named));
    callbacks.note(
        fmt::format("the small model that ships with easel knows emoji by name, and none with \"{}\"{}; {} lists "
                    "all that it knows, and {}",
                    fmt::join(unknown.begin(), named, "\", \""), named == unknown.end() ? "" : ", ...",
                    (model / "names.txt").string(), where_models_come_from()));
}

}  // namespace easel::cli
