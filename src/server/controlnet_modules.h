#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "annotators/annotators.h"

namespace easel::server {

/// A number that a preprocessor of the web UI's extension is told.
struct ModuleSlider {
    std::string_view label;
    double least = 0.0;
    double most = 0.0;
    double step = 1.0;
    double usual = 0.0;
    /// The field of AnnotatorOptions that it is.
    std::string_view option;
};

/// A preprocessor of the web UI's extension.
struct ControlNetModule {
    std::string_view name;
    /// What the extension shows.
    std::string_view label;
    /// The kind of ControlNets that it is for: "Canny".
    std::string_view type;
    /// The annotator that does the same; empty: none is needed.
    std::string_view annotator;
    /// Whether the picture is first brought to the resolution that is asked for.
    bool is_resized = false;
    /// threshold_a and threshold_b.
    std::array<std::optional<ModuleSlider>, 2> sliders = {};

    const Annotator* find_annotator() const;
    bool is_inpaint() const { return annotator == "inpaint"; }
};

/// Those that easel has, "none" first.
std::span<const ControlNetModule> controlnet_modules();

/// The module of that name, or label, or the first with the annotator of that name. Throws Refusal (422), naming the
/// field, where there is none.
const ControlNetModule& find_module(std::string_view name, std::string_view field);

/// The pixels of the shorter side: of any that are asked for, 512 where they are out of the extension's range.
inline constexpr ModuleSlider resolution_slider{
    .label = "Resolution", .least = 64, .most = 2048, .step = 8, .usual = 512, .option = {}};
int resolution_in_range(double asked);

/// What an annotator is told; a threshold that is out of its slider's range stands for the usual one, as in the
/// extension.
AnnotatorOptions module_options(const ControlNetModule& module, double threshold_a, double threshold_b);

}  // namespace easel::server
