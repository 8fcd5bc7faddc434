#include "settings/setting.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/numbers.h"
#include "base/overloaded.h"
#include "text/characters.h"

namespace easel {
namespace {

constexpr std::uint64_t greatest_seed = std::numeric_limits<std::uint64_t>::max();

/// What would work, for an error.
std::string allowed(const SettingKind& kind) {
    return std::visit(
        Overloaded{[](const Truth&) { return std::string("give true or false"); },
                   [](const WholeNumber& number) {
                       return fmt::format("give a whole number from {} to {}", number.least, number.most);
                   },
                   [](const RealNumber& number) {
                       if (!number.above_least)
                           return fmt::format("give a number from {} to {}", number.least, number.most);
                       return fmt::format("give a number above {} and {} {}", number.least,
                                          number.below_most ? "below" : "up to", number.most);
                   },
                   [](const SeedNumber&) {
                       return fmt::format("give a whole number from 0 to {}, or -1 for a random one", greatest_seed);
                   },
                   [](const ByteCount&) { return std::string("give a size such as 4GB or 512MB, or 0 for no limit"); },
                   [](const OneOf& choice) { return fmt::format("use one of {}", fmt::join(choice.names, ", ")); },
                   [](const Text&) { return std::string("give a text"); },
                   [](const FilePath&) { return std::string("give a path"); },
                   [](const FormedText& form) { return std::string(form.allowed); },
                   [](const FileList& list) { return std::string(list.allowed); }},
        kind);
}

[[noreturn]] void refuse_text(const SettingFacts& setting, std::string_view text) {
    if (text.empty()) refuse(setting.field, "has no value; {}", allowed(setting.kind));
    refuse_value(setting.field, fmt::format("{:.60}", text), "{}", allowed(setting.kind));
}

/// The whole text as a decimal number.
template <typename Number>
std::optional<Number> decimal(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    if (text.starts_with('+')) return std::nullopt;
    return number_in<Number>(text);
}

bool same_in_any_case(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
    return std::ranges::equal(a, b, {}, lower, lower);
}

std::optional<std::string> chosen(const OneOf& choice, std::string_view text) {
    for (const std::string& name : choice.names)
        if (same_in_any_case(name, text)) return name;
    if (choice.understands && choice.understands(text)) return std::string(text);
    return std::nullopt;
}

constexpr std::pair<std::string_view, double> units[] = {{"", 1.0},   {"B", 1.0},  {"KB", 1e3},
                                                         {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}};

/// "4GB", "1.5 gb", "512MB", "1000000".
std::optional<std::uint64_t> bytes_of(std::string_view text) {
    const std::size_t unit_begin = std::min(text.find_last_of("0123456789.") + 1, text.size());
    const auto number = decimal<double>(text.substr(0, unit_begin));
    std::string_view unit = text.substr(unit_begin);
    while (unit.starts_with(' ')) unit.remove_prefix(1);
    double factor = 0.0;
    for (const auto& [name, bytes] : units)
        if (same_in_any_case(unit, name)) factor = bytes;
    if (!number || factor == 0.0 || !(*number >= 0.0 && *number * factor < 1e18)) return std::nullopt;
    return static_cast<std::uint64_t>(*number * factor);
}

bool is_negated(const SettingFacts& setting) { return setting.flags.starts_with("--no-"); }

/// What a text says of each kind, limits aside; nothing when it is no such value.
struct ValueOfText {
    const SettingFacts& setting;
    std::string_view text;

    template <typename T>
    static std::optional<Value> of(const std::optional<T>& parsed) {
        return parsed ? std::optional<Value>(*parsed) : std::nullopt;
    }

    std::optional<Value> operator()(const Truth&) const {
        if (text != "true" && text != "false") return std::nullopt;
        return (text == "true") != is_negated(setting);
    }
    std::optional<Value> operator()(const WholeNumber&) const { return of(decimal<int>(text)); }
    std::optional<Value> operator()(const RealNumber&) const { return of(decimal<double>(text)); }
    std::optional<Value> operator()(const SeedNumber&) const {
        if (text == "-1") return Value();
        return of(decimal<std::uint64_t>(text));
    }
    std::optional<Value> operator()(const ByteCount&) const { return of(bytes_of(text)); }
    std::optional<Value> operator()(const OneOf& choice) const { return of(chosen(choice, text)); }
    std::optional<Value> operator()(const Text&) const { return std::string(text); }
    std::optional<Value> operator()(const FilePath&) const { return std::string(text); }
    std::optional<Value> operator()(const FormedText&) const {
        return text.empty() ? std::nullopt : std::optional<Value>(std::string(text));
    }
    std::optional<Value> operator()(const FileList&) const {
        return text.empty() ? std::nullopt : std::optional<Value>(std::string(text));
    }
};

std::optional<std::string> text_of_none(const SettingFacts& setting) {
    if (std::holds_alternative<SeedNumber>(setting.kind)) return "-1";
    return std::nullopt;
}

}  // namespace

bool has_flag(const SettingFacts& setting, std::string_view flag) {
    std::string_view flags = setting.flags;
    while (!flags.empty()) {
        const std::size_t comma = std::min(flags.find(','), flags.size());
        const std::string_view one = flags.substr(0, comma);
        if (one == flag || (one.starts_with("--") && one.substr(2) == flag)) return true;
        flags.remove_prefix(std::min(comma + 1, flags.size()));
    }
    return false;
}

std::string_view key_of(const SettingFacts& setting) {
    const std::size_t begin = setting.flags.find("--") + 2;
    return setting.flags.substr(begin, std::min(setting.flags.find(',', begin), setting.flags.size()) - begin);
}

Value value_from_text(const SettingFacts& setting, std::string_view text) {
    const auto value = std::visit(ValueOfText{setting, text}, setting.kind);
    if (!value) refuse_text(setting, text);
    check_value(setting, *value);
    return *value;
}

Value value_from_json(const SettingFacts& setting, const nlohmann::json& json) {
    if (json.is_null()) return {};
    if (std::holds_alternative<FileList>(setting.kind) && json.is_array()) {
        std::vector<std::string> entries;
        for (const nlohmann::json& entry : json) {
            if (!entry.is_string()) refuse_text(setting, "an entry that is no text");
            entries.push_back(entry.get<std::string>());
        }
        if (entries.empty()) return {};
        return value_from_text(setting, fmt::format("{}", fmt::join(entries, "\n")));
    }
    const bool is_text = std::holds_alternative<Text>(setting.kind) || std::holds_alternative<FilePath>(setting.kind) ||
                         std::holds_alternative<FileList>(setting.kind);
    const bool is_truth = std::holds_alternative<Truth>(setting.kind);
    const std::string shown = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    if (is_truth && json.is_boolean()) return json.get<bool>();
    if (json.is_string() && !is_truth) {
        const auto& text = json.get_ref<const std::string&>();
        if (text.empty() && std::holds_alternative<SeedNumber>(setting.kind)) return {};
        return value_from_text(setting, text);
    }
    if (!json.is_number() || is_text || is_truth) refuse_text(setting, shown);
    if (const double number = json.get<double>();
        json.is_number_float() && number == std::trunc(number) && std::abs(number) < 1e15)
        return value_from_text(setting, fmt::format("{:.0f}", number));
    return value_from_text(setting, shown);
}

std::optional<std::string> text_of(const SettingFacts& setting, const Value& value) {
    return std::visit(Overloaded{[&](std::monostate) { return text_of_none(setting); },
                                 [&](bool truth) {
                                     return std::optional<std::string>(truth != is_negated(setting) ? "true" : "false");
                                 },
                                 [](const auto& other) { return std::optional(fmt::format("{}", other)); }},
                      value);
}

nlohmann::json json_of(const SettingFacts&, const Value& value) {
    return std::visit(Overloaded{[](std::monostate) { return nlohmann::json(); },
                                 [](const auto& other) { return nlohmann::json(other); }},
                      value);
}

void check_value(const SettingFacts& setting, const Value& value) {
    if (std::holds_alternative<std::monostate>(value)) return;
    const bool sound = std::visit(
        Overloaded{[&](const WholeNumber& limits) {
                       return std::get<int>(value) >= limits.least && std::get<int>(value) <= limits.most;
                   },
                   [&](const RealNumber& limits) {  // false for NaN too
                       const double number = std::get<double>(value);
                       return (limits.above_least ? number > limits.least : number >= limits.least) &&
                              (limits.below_most ? number < limits.most : number <= limits.most);
                   },
                   [&](const OneOf& choice) { return chosen(choice, std::get<std::string>(value)).has_value(); },
                   [&](const Text& text) {
                       check_utf8(std::get<std::string>(value), text.what);
                       return true;
                   },
                   [&](const FormedText& form) {
                       const auto& text = std::get<std::string>(value);
                       return text.empty() || form.is_sound(text);
                   },
                   [&](const FileList& list) { return list.is_sound(std::get<std::string>(value)); },
                   [](const auto&) { return true; }},
        setting.kind);
    if (!sound) refuse_text(setting, text_of(setting, value).value_or(""));
}

template <>
std::span<const std::string_view> names_of<Rng>() {
    static constexpr std::string_view names[] = {"torch", "numpy"};
    return names;
}
template <>
std::span<const std::string_view> names_of<MaskedContent>() {
    static constexpr std::string_view names[] = {"original", "fill", "latent noise", "latent nothing"};
    return names;
}
template <>
std::span<const std::string_view> names_of<PromptSyntax>() {
    static constexpr std::string_view names[] = {"webui", "plain"};
    return names;
}
template <>
std::span<const std::string_view> names_of<Emphasis>() {
    static constexpr std::string_view names[] = {"original", "no_norm", "ignore"};
    return names;
}
template <>
std::span<const std::string_view> names_of<NegativePadding>() {
    static constexpr std::string_view names[] = {"none", "empty_chunks"};
    return names;
}
template <>
std::span<const std::string_view> names_of<StepRule>() {
    static constexpr std::string_view names[] = {"webui", "plain"};
    return names;
}

template <>
std::span<const std::string_view> names_of<ControlMode>() {
    static constexpr std::string_view names[] = {"balanced", "prompt", "control"};
    return names;
}

template <>
std::span<const std::string_view> names_of<HiresStepCount>() {
    static constexpr std::string_view names[] = {"webui", "diffusers"};
    return names;
}

template <>
std::span<const std::string_view> names_of<Preset>() {
    static constexpr std::string_view names[] = {"exact", "balanced", "fast"};
    return names;
}

std::size_t index_of_name(std::span<const std::string_view> names, std::string_view name) {
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) fail_usage("{}: use one of {}", name, fmt::join(names, ", "));
    return static_cast<std::size_t>(found - names.begin());
}

}  // namespace easel
