#include "cli/config_file.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <span>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "base/error.h"
#include "base/files.h"
#include "base/quoted.h"
#include "jobs/drawing.h"
#include "settings/table.h"

namespace easel::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t longest_file = 1u << 16;
/// toml++ follows dotted keys to any depth, and frees tables by recursion.
constexpr std::ptrdiff_t most_dots = 1000;

std::optional<std::string> environment(const char* name) {
    const char* const value = std::getenv(name);
    if (!value || !*value) return std::nullopt;
    return value;
}

std::optional<fs::path> configuration_file() {
    if (const auto folder = environment("XDG_CONFIG_HOME")) return fs::path(*folder) / "easel" / "config.toml";
    if (const auto home = environment("HOME")) return fs::path(*home) / ".config" / "easel" / "config.toml";
    return std::nullopt;
}

/// The setting of a key; null if there is none.
const SettingFacts* facts_of(std::string_view key) {
    if (key.starts_with('-')) return nullptr;
    if (const auto* setting = find_flag(settings_table(), key)) return setting;
    if (const auto* setting = find_flag(engine_settings_table(), key)) return setting;
    if (const auto* setting = find_flag(preview_settings_table(), key)) return setting;
    return find_flag(collection_table(), key);
}

std::string text_of(const toml::node& node, std::string_view key, std::string_view where) {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* whole = node.as_integer()) return fmt::format("{}", whole->get());
    if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
    if (const auto* truth = node.as_boolean()) return truth->get() ? "true" : "false";
    fail(ErrorKind::damaged, "{}: {} must be a text, a number, true or false", where, key);
}

/// TOML has no empty values; here, as on the command line, nothing after "=" is an empty text.
std::string with_empty_values(const std::string& text) {
    std::string whole;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string line = text.substr(begin, end - begin);
        const std::size_t equals = line.find('='), after = line.find_first_not_of(" \t\r", equals + 1);
        const bool is_empty = equals != std::string::npos && line.find_first_of("\"'#") >= equals &&
                              (after == std::string::npos || line[after] == '#');
        whole += is_empty ? line.substr(0, equals + 1) + " \"\" " + line.substr(equals + 1) : line;
        if (end < text.size()) whole += '\n';
        begin = end + 1;
    }
    return whole;
}

toml::table parse(const std::string& text, const fs::path& file) {
    if (std::ranges::count(text, '.') > most_dots)
        fail(ErrorKind::damaged, "{}: has more than {} dots", file.string(), most_dots);
    try {
        return toml::parse(with_empty_values(text), file.string());
    } catch (const toml::parse_error& error) {
        fail(ErrorKind::damaged, "{}:{}: is not valid TOML ({:.200})", file.string(), error.source().begin.line,
             error.description());
    }
}

template <typename Owner>
void set_entry(Owner& owner, const Setting<Owner>& setting, const ConfigEntry& entry) {
    try {
        set_from_text(owner, setting, entry.value);
    } catch (const Error& error) {
        fail(ErrorKind::damaged, "{}: {}", entry.where, jobs::with_job_keys(error.what()));
    }
}

void set_entries(std::span<const Setting<EngineOptions>> table, const std::vector<ConfigEntry>& entries,
                 EngineOptions& options, const std::vector<std::string_view>& untouched) {
    for (const ConfigEntry& entry : entries) {
        const auto* setting = find_flag(table, entry.key);
        if (setting && std::ranges::find(untouched, setting->field) == untouched.end())
            set_entry(options, *setting, entry);
    }
}

}  // namespace

std::vector<ConfigEntry> read_config() {
    const auto file = configuration_file();
    std::error_code ignored;
    if (!file || !fs::exists(*file, ignored)) return {};
    std::vector<ConfigEntry> entries;
    for (const auto& [name, node] : parse(read_text_file(*file, longest_file), *file)) {
        const std::string key(name.str());
        const std::string where = fmt::format("{}:{}", file->string(), node.source().begin.line);
        const SettingFacts* facts = facts_of(key);
        if (!facts && key != "model")
            fail(ErrorKind::damaged,
                 "{}: there is no setting {}; the settings are model, preview-taesd and the long flags of easel "
                 "generate that say what to draw and how to run a model",
                 where, in_quotes(key));
        std::string value = text_of(node, key, where);
        if (!facts || std::holds_alternative<FilePath>(facts->kind)) value = with_home(value);
        entries.push_back({key, std::move(value), where});
    }
    return entries;
}

void apply_config(const std::vector<ConfigEntry>& entries, Request& request) {
    for (const ConfigEntry& entry : entries)
        if (const auto* setting = find_flag(settings_table(), entry.key)) set_entry(request, *setting, entry);
}

void apply_config(const std::vector<ConfigEntry>& entries, EngineOptions& options,
                  const std::vector<std::string_view>& untouched) {
    set_entries(engine_settings_table(), entries, options, untouched);
}

void apply_preview_config(const std::vector<ConfigEntry>& entries, EngineOptions& options,
                          const std::vector<std::string_view>& untouched) {
    set_entries(preview_settings_table(), entries, options, untouched);
}

void apply_config(const std::vector<ConfigEntry>& entries, Collection& collection) {
    for (const ConfigEntry& entry : entries)
        if (const auto* setting = find_flag(collection_table(), entry.key)) set_entry(collection, *setting, entry);
}

const ConfigEntry* find_entry(const std::vector<ConfigEntry>& entries, std::string_view key) {
    const auto found = std::ranges::find(entries, key, &ConfigEntry::key);
    return found == entries.end() ? nullptr : &*found;
}

std::string with_home(const std::string& path) {
    const auto home = environment("HOME");
    return home && (path == "~" || path.starts_with("~/")) ? *home + path.substr(1) : path;
}

}  // namespace easel::cli
