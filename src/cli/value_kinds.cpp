#include "cli/value_kinds.h"

#include <map>
#include <string_view>
#include <variant>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/command_names.h"
#include "jobs/drawing.h"

namespace easel::cli {
namespace {

/// By field, unless the table of settings lists the field's values. Any other option takes a number or a text.
const std::map<std::string_view, ValueName>& value_names() {
    static const std::map<std::string_view, ValueName> names = {
        {"control", {ValueKind::path, "CONTROL", {}}},
        {"control_dir", {ValueKind::folder, "FOLDER", {}}},
        {"device", {ValueKind::device, "DEVICE", {}}},
        {"embedding", {ValueKind::path, "EMBEDDING", {}}},
        {"embedding_dir", {ValueKind::folder, "FOLDER", {}}},
        {"file", {ValueKind::path, "FILE", {}}},
        {"include", {ValueKind::text, "GLOB", {}}},
        {"init_image", {ValueKind::picture, "PICTURE", {}}},
        {"job", {ValueKind::path, "FILE", {}}},
        {"lora_dir", {ValueKind::folder, "FOLDER", {}}},
        {"lora", {ValueKind::path, "LORA", {}}},
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

/// The values that a setting allows by name; none for other settings.
std::vector<std::string> choices_of(std::string_view field) {
    for (const jobs::DrawingSetting& setting : jobs::drawing_settings())
        if (const auto* choice = std::get_if<OneOf>(&setting.facts->kind); choice && setting.facts->field == field)
            return choice->names;
    return {};
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
