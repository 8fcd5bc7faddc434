#include "server/controlnet_modules.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/ranges.h>

#include "server/refusal.h"

namespace easel::server {
namespace {

constexpr ModuleSlider canny_low{
    .label = "Low Threshold", .least = 1, .most = 255, .step = 1, .usual = 100, .option = "low"};
constexpr ModuleSlider canny_high{
    .label = "High Threshold", .least = 1, .most = 255, .step = 1, .usual = 200, .option = "high"};
constexpr ModuleSlider xdog{
    .label = "XDoG Threshold", .least = 1, .most = 64, .step = 1, .usual = 32, .option = "threshold"};
constexpr ModuleSlider down_sampling{
    .label = "Down Sampling Rate", .least = 1, .most = 8, .step = 0.01, .usual = 1, .option = "shrink"};
constexpr ModuleSlider shrink{.label = "Shrink", .least = 1, .most = 64, .step = 0.01, .usual = 8, .option = "shrink"};

/// Of a type, the one that the extension chooses by itself is the first.
constexpr std::array rows = {
    ControlNetModule{.name = "none", .label = "none", .type = "InstructP2P", .annotator = {}},
    ControlNetModule{.name = "canny",
                     .label = "canny",
                     .type = "Canny",
                     .annotator = "canny",
                     .is_resized = true,
                     .sliders = {canny_low, canny_high}},
    ControlNetModule{.name = "inpaint_only", .label = "inpaint_only", .type = "Inpaint", .annotator = "inpaint"},
    ControlNetModule{
        .name = "inpaint", .label = "inpaint_global_harmonious", .type = "Inpaint", .annotator = "inpaint"},
    ControlNetModule{.name = "lineart_standard",
                     .label = "lineart_standard (from white bg & black line)",
                     .type = "Lineart",
                     .annotator = "lineart",
                     .is_resized = true},
    ControlNetModule{.name = "scribble_xdog",
                     .label = "scribble_xdog",
                     .type = "Scribble",
                     .annotator = "scribble",
                     .is_resized = true,
                     .sliders = {xdog, {}}},
    ControlNetModule{
        .name = "shuffle", .label = "shuffle", .type = "Shuffle", .annotator = "shuffle", .is_resized = true},
    ControlNetModule{.name = "tile_resample",
                     .label = "tile_resample",
                     .type = "Tile",
                     .annotator = "tile",
                     .sliders = {down_sampling, {}}},
    ControlNetModule{.name = "tile", .label = "tile", .type = "Tile", .annotator = "tile", .sliders = {shrink, {}}},
};

double in_range(double asked, const ModuleSlider& slider) {
    return asked >= slider.least && asked <= slider.most ? asked : slider.usual;
}

}  // namespace

const Annotator* ControlNetModule::find_annotator() const {
    return annotator.empty() ? nullptr : &easel::annotator(annotator);
}

std::span<const ControlNetModule> controlnet_modules() { return rows; }

const ControlNetModule& find_module(std::string_view name, std::string_view field) {
    constexpr std::string_view ControlNetModule::*names[] = {&ControlNetModule::name, &ControlNetModule::label,
                                                             &ControlNetModule::annotator};
    for (const auto member : names)
        if (const auto found = std::ranges::find(rows, name, member); found != rows.end() && !name.empty())
            return *found;
    std::vector<std::string_view> known;
    for (const ControlNetModule& row : rows) known.push_back(row.name);
    refuse_field(422, field, "there is no preprocessor \"{:.60}\"; use one of {}, or send what it makes with none",
                 name, fmt::join(known, ", "));
}

int resolution_in_range(double asked) { return static_cast<int>(in_range(asked, resolution_slider)); }

AnnotatorOptions module_options(const ControlNetModule& module, double threshold_a, double threshold_b) {
    AnnotatorOptions options;
    const double thresholds[] = {threshold_a, threshold_b};
    for (std::size_t i = 0; i < module.sliders.size(); ++i)
        if (const auto& slider = module.sliders[i])
            set(options, *find_field(annotator_table(), slider->option), in_range(thresholds[i], *slider));
    return options;
}

}  // namespace easel::server
