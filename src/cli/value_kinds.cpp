#include "cli/value_kinds.h"

#include <map>
#include <string_view>
#include <variant>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/command_names.h"
#include "settings/table.h"

namespace easel::cli {
namespace {

/// By field, unless the tables of settings list a field's values. An option that is in neither takes a number or a
/// text.
const std::map<std::string_view, ValueName>& value_names() {
    static const std::map<std::string_view, ValueName> names = {
        {"auto_mask", {ValueKind::choice, "WHAT", {"person", "background"}}},
        {"device", {ValueKind::device, "DEVICE", {}}},
        {"file", {ValueKind::path, "FILE", {}}},
        {"include", {ValueKind::text, "GLOB", {}}},
        {"init_image", {ValueKind::picture, "PICTURE", {}}},
        {"job", {ValueKind::path, "FILE", {}}},
        {"mask", {ValueKind::picture, "PICTURE", {}}},
        {"model", {ValueKind::path, "MODEL", {}}},
        {"name", {ValueKind::text, "NAME", {}}},
        {"output", {ValueKind::path, "FILE", {}}},
        {"overlay", {ValueKind::path, "FILE", {}}},
        {"params_from", {ValueKind::picture, "PICTURE", {}}},
        {"picture", {ValueKind::picture, "PICTURE", {}}},
        {"save_latents", {ValueKind::path, "FILE", {}}},
        {"save_mask", {ValueKind::path, "FILE", {}}},
        {"scheduler_config", {ValueKind::path, "FILE", {}}},
        {"sheet", {ValueKind::path, "FILE", {}}},
        {"to", {ValueKind::choice, "FORM", {"ir", "ir-2022", "diffusers", "safetensors"}}},
        {"tokenizer", {ValueKind::folder, "FOLDER", {}}},
        {"variant", {ValueKind::text, "NAME", {}}},
    };
    return names;
}

/// The names that a setting chooses from; none if it is no such setting.
std::vector<std::string> choices_of(std::string_view field) {
    const SettingFacts* setting = find_field(settings_table(), field);
    if (!setting) setting = find_field(engine_settings_table(), field);
    const auto* choice = setting ? std::get_if<OneOf>(&setting->kind) : nullptr;
    return choice ? choice->names : std::vector<std::string>();
}

}  // namespace

ValueName value_of(const CLI::Option& option) {
    if (option.get_items_expected_max() == 0) return {};
    if (const auto found = value_names().find(field_of(option)); found != value_names().end()) return found->second;
    if (const auto choices = choices_of(field_of(option)); !choices.empty())
        return {.kind = ValueKind::choice, .name = "NAME", .choices = choices};
    if (is_number(option)) return {.kind = ValueKind::number, .name = "N", .choices = {}};
    return {.kind = ValueKind::text, .name = "TEXT", .choices = {}};
}

}  // namespace easel::cli
