#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <easel/easel.h>

#include "settings/control_list.h"
#include "settings/embedding_list.h"
#include "settings/freeu.h"
#include "settings/ip_adapter_list.h"
#include "settings/lora_list.h"

namespace easel {

/// The value of a setting; the first is none at all.
using Value = std::variant<std::monostate, bool, int, std::uint64_t, double, std::string>;

/// The kinds of settings, with the values that each allows.
struct Truth {};
struct WholeNumber {
    int least = 0;
    int most = 0;
};
struct RealNumber {
    double least = 0.0;
    double most = 0.0;
    /// Whether these two are not allowed themselves.
    bool above_least = false, below_most = false;
};
/// 0 to 2^64 - 1, or -1 for none, which is a random one.
struct SeedNumber {};
/// A number of bytes, with a unit of powers of 1000 or without: 4GB, 512MB, 0.
struct ByteCount {};
/// One of several names, in upper or lower case.
struct OneOf {
    std::vector<std::string> names;
    /// Whether another name is understood too; null if none is.
    bool (*understands)(std::string_view name) = nullptr;
};
/// UTF-8. `what` names it in errors: "the prompt".
struct Text {
    std::string_view what;
};
struct FilePath {};
/// A text of a certain form, such as a size; empty where there is none.
struct FormedText {
    /// What would work, for an error.
    std::string_view allowed;
    /// Whether a text has the form.
    bool (*is_sound)(std::string_view text) = nullptr;
};
/// Files with what belongs to them, a line for each. On the command line it may be given several times, which adds up.
struct FileList {
    /// What would work, for an error.
    std::string_view allowed;
    /// Whether a list is sound.
    bool (*is_sound)(std::string_view text) = nullptr;
};
using SettingKind =
    std::variant<Truth, WholeNumber, RealNumber, SeedNumber, ByteCount, OneOf, Text, FilePath, FormedText, FileList>;

/// A setting with all its names, but without the place of its value.
struct SettingFacts {
    /// In public structs, in JSON and in errors: "guidance_scale".
    std::string_view field;
    /// On the command line: "--guidance-scale,--cfg-scale"; without dashes the keys of job and configuration files. A
    /// truth whose flag begins with --no- is false where the flag is given.
    std::string_view flags;
    /// In the settings text of a picture: "CFG scale"; empty if the text has no such key.
    std::string_view stored_key;
    /// In a model's easel.json: "guidance"; empty if a model has no default for it.
    std::string_view model_key;
    SettingKind kind;
    /// What --help says.
    std::string help;
};

/// Where a setting's value is kept.
template <typename Owner>
using SettingMember =
    std::variant<bool Owner::*, int Owner::*, std::optional<int> Owner::*, double Owner::*,
                 std::optional<double> Owner::*, std::uint64_t Owner::*, std::optional<std::uint64_t> Owner::*,
                 std::string Owner::*, std::optional<std::string> Owner::*, std::filesystem::path Owner::*,
                 Rng Owner::*, MaskedContent Owner::*, std::optional<PromptSyntax> Owner::*, Emphasis Owner::*,
                 NegativePadding Owner::*, StepRule Owner::*, std::vector<Lora> Owner::*,
                 std::vector<Embedding> Owner::*, std::vector<Control> Owner::*, std::vector<IpAdapter> Owner::*,
                 ControlMode Owner::*, std::optional<FreeU> Owner::*, HiresStepCount Owner::*, Preset Owner::*>;

/// The lists of files with what belongs to them.
template <typename T>
inline constexpr bool is_file_list =
    std::is_same_v<T, std::vector<Lora>> || std::is_same_v<T, std::vector<Embedding>> ||
    std::is_same_v<T, std::vector<Control>> || std::is_same_v<T, std::vector<IpAdapter>>;

/// A setting whose value is kept in a struct `Owner`: a row of a table of settings.
template <typename Owner>
struct Setting : SettingFacts {
    SettingMember<Owner> member;
};

/// "--steps" is one of the flags of "--num-inference-steps,--steps"; so is "steps", as the key of a file.
bool has_flag(const SettingFacts& setting, std::string_view flag);

/// The first long flag without its dashes: "num-inference-steps".
std::string_view key_of(const SettingFacts& setting);

/// A value as a person writes it on the command line or in a file. Numbers are decimal even with leading zeros. Throws
/// Error about the field if the text is not such a value or is outside the limits.
Value value_from_text(const SettingFacts& setting, std::string_view text);

/// A value as JSON under the field's name: null means none; a number may also be a text, and a whole number may be
/// written as 20.0. Throws as value_from_text() does.
Value value_from_json(const SettingFacts& setting, const nlohmann::json& json);

/// The reverse of each. Without a value the JSON is null, the text of a seed is -1, and other settings have no text.
std::optional<std::string> text_of(const SettingFacts& setting, const Value& value);
nlohmann::json json_of(const SettingFacts& setting, const Value& value);

/// Throws Error about the field if the value is outside its limits.
void check_value(const SettingFacts& setting, const Value& value);

/// The names of a type's values, in their order.
template <typename Enum>
std::span<const std::string_view> names_of();
template <>
std::span<const std::string_view> names_of<Rng>();
/// As AUTOMATIC1111's settings text has them: "original", "fill", "latent noise" and "latent nothing".
template <>
std::span<const std::string_view> names_of<MaskedContent>();
template <>
std::span<const std::string_view> names_of<PromptSyntax>();
template <>
std::span<const std::string_view> names_of<Emphasis>();
template <>
std::span<const std::string_view> names_of<NegativePadding>();
template <>
std::span<const std::string_view> names_of<StepRule>();
template <>
std::span<const std::string_view> names_of<ControlMode>();
template <>
std::span<const std::string_view> names_of<HiresStepCount>();
template <>
std::span<const std::string_view> names_of<Preset>();

template <typename Enum>
requires std::is_enum_v<Enum> std::string_view name(Enum value) {
    return names_of<Enum>()[static_cast<std::size_t>(value)];
}

/// Throws Error of kind bad_request where there is no such name.
std::size_t index_of_name(std::span<const std::string_view> names, std::string_view name);

/// The value that is called so. Throws as index_of_name() does.
template <typename Enum>
Enum value_of_name(std::string_view name) {
    return static_cast<Enum>(index_of_name(names_of<Enum>(), name));
}

/// The kind of a setting that is one of a type's values.
template <typename Enum>
OneOf one_of_names() {
    const auto names = names_of<Enum>();
    return {.names = {names.begin(), names.end()}};
}

template <typename T>
Value to_value(const T& kept) {
    if constexpr (std::is_same_v<T, std::filesystem::path>)
        return kept.string();
    else if constexpr (is_file_list<T>)
        return kept.empty() ? Value() : Value(text_of(kept));
    else if constexpr (std::is_same_v<T, FreeU>)
        return text_of(kept);
    else if constexpr (std::is_enum_v<T>)
        return std::string(name(kept));
    else
        return kept;
}
template <typename T>
Value to_value(const std::optional<T>& kept) {
    return kept ? to_value(*kept) : Value();
}

template <typename T>
void from_value(T& kept, const Value& value) {
    if constexpr (std::is_same_v<T, std::filesystem::path>)
        kept = std::get<std::string>(value);
    else if constexpr (std::is_same_v<T, std::vector<Lora>>)
        kept = loras_from_text(std::get<std::string>(value));
    else if constexpr (std::is_same_v<T, std::vector<Embedding>>)
        kept = embeddings_from_text(std::get<std::string>(value));
    else if constexpr (std::is_same_v<T, std::vector<Control>>)
        kept = controls_from_text(std::get<std::string>(value));
    else if constexpr (std::is_same_v<T, std::vector<IpAdapter>>)
        kept = ip_adapters_from_text(std::get<std::string>(value));
    else if constexpr (std::is_same_v<T, FreeU>)
        kept = freeu_from_text(std::get<std::string>(value)).value_or(FreeU());
    else if constexpr (std::is_enum_v<T>)
        kept = value_of_name<T>(std::get<std::string>(value));
    else
        kept = std::get<T>(value);
}
template <typename T>
void from_value(std::optional<T>& kept, const Value& value) {
    from_value(kept.emplace(), value);
}

template <typename Owner>
Value get(const Owner& owner, const Setting<Owner>& setting) {
    return std::visit([&](auto member) { return to_value(owner.*member); }, setting.member);
}

/// No value restores the default.
template <typename Owner>
void set(Owner& owner, const Setting<Owner>& setting, const Value& value) {
    const Owner standard;
    const auto assign = [&](auto member) {
        if (std::holds_alternative<std::monostate>(value))
            owner.*member = standard.*member;
        else
            from_value(owner.*member, value);
    };
    std::visit(assign, setting.member);
}

template <typename Owner>
void set_from_text(Owner& owner, const Setting<Owner>& setting, std::string_view text) {
    set(owner, setting, value_from_text(setting, text));
}

/// The row of a table with that field, or with that flag; null if there is none.
template <typename Table>
const typename Table::value_type* find_field(const Table& table, std::string_view field) {
    for (const auto& setting : table)
        if (setting.field == field) return &setting;
    return nullptr;
}
template <typename Table>
const typename Table::value_type* find_flag(const Table& table, std::string_view flag) {
    for (const auto& setting : table)
        if (has_flag(setting, flag)) return &setting;
    return nullptr;
}

}  // namespace easel
