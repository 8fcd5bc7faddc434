#include "pipeline/open_controls.h"

#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "settings/control_list.h"
#include "weights/checkpoint.h"

namespace easel {
namespace fs = std::filesystem;
namespace {

/// Throws Error unless the residuals are what the model's UNet adds.
void check_fits(const ControlNetConfig& control, const ModelNetworks& model, const fs::path& path) {
    const UNetConfig& unet = *model.controlled;
    if ((control.unet.added_conditions > 0) != (unet.added_conditions > 0))
        fail(ErrorKind::unsupported,
             "{}: is a ControlNet for {}, and the model is a {} one; they do not belong together", path.string(),
             control.unet.added_conditions > 0 ? "Stable Diffusion XL" : "Stable Diffusion 1.x or 2.x",
             model.facts.identity.family);
    if (control.unet.cross_attention_dim != unet.cross_attention_dim)
        fail(ErrorKind::unsupported,
             "{}: is a ControlNet for another family: it takes text of width {}, and the model has {}", path.string(),
             control.unet.cross_attention_dim, unet.cross_attention_dim);
    if (control.unet.added_conditions != unet.added_conditions ||
        control.unet.addition_time_embed_dim != unet.addition_time_embed_dim)
        fail(ErrorKind::unsupported,
             "{}: is a ControlNet for another family: beside the text it takes {} numbers, {} for each size, and the "
             "model {}, {} for each",
             path.string(), control.unet.added_conditions, control.unet.addition_time_embed_dim, unet.added_conditions,
             unet.addition_time_embed_dim);
    const auto check_levels = [&](int UNetLevel::*member, const char* what) {
        const std::vector<int> own = of_levels(control.unet, member), models = of_levels(unet, member);
        if (own != models)
            fail(ErrorKind::unsupported,
                 "{}: is a ControlNet for another UNet: its levels have {} {}, and the model's {}", path.string(),
                 fmt::join(own, ", "), what, fmt::join(models, ", "));
    };
    check_levels(&UNetLevel::width, "channels");
    check_levels(&UNetLevel::layers, "layers");
    // What an inpainting UNet takes beside the latents is not for ControlNets.
    if (control.unet.in_channels != model.facts.latents.channels)
        fail(ErrorKind::unsupported,
             "{}: is a ControlNet for another UNet: it takes latents of {} channels, and the model's have {}",
             path.string(), control.unet.in_channels, model.facts.latents.channels);
    if (control.downsampling() != model.facts.latents.downsampling)
        fail(ErrorKind::unsupported, "{}: makes the picture smaller {} times, and the model {} times", path.string(),
             control.downsampling(), model.facts.latents.downsampling);
}

ReadFiles<ControlNetNetworks> read_networks(const fs::path& path, const ModelNetworks& model, const Note& note) {
    std::vector<std::string> notes;
    Network<ControlNetConfig> network = open_controlnet(path, notes);
    check_fits(network.config, model, path);
    ReadFiles<ControlNetNetworks> read{.value = std::make_shared<const ControlNetNetworks>(
                                           networks_of(std::move(network), model.facts.text.token_count, notes))};
    for (const auto& file : read.value->residuals.files) read.files.emplace_back(file->path());
    for (const std::string& sentence : notes)
        if (note) note(sentence);
    return read;
}

}  // namespace

std::vector<OpenControl> OpenControls::open(const std::vector<Control>& controls, const ModelNetworks& model,
                                            const Note& note) {
    if (!controls.empty() && !model.controlled)
        refuse("controls",
               "the UNet of this model (OpenVINO IR) takes nothing from ControlNets; draw with the checkpoint that it "
               "was made from");
    std::vector<OpenControl> opened;
    for (const Control& control : controls) {
        OpenControl& now = opened.emplace_back();
        now.networks = networks_.get(control.model, [&] { return read_networks(control.model, model, note); });
        if (control.picture)
            now.picture = std::make_shared<const Picture>(*control.picture);
        else if (control.file != inpaint_picture)
            now.picture = pictures_.get(control.file, [&]() -> ReadFiles<Picture> {
                return {std::make_shared<const Picture>(read_picture(control.file, note)), {control.file}};
            });
    }
    networks_.close_others();
    pictures_.close_others();
    return opened;
}

std::optional<std::string> OpenControls::weight_that_is_not_finite() const {
    std::optional<std::string> found;
    networks_.each([&](const ControlNetNetworks& networks) {
        if (!found) found = networks.weight_that_is_not_finite();
    });
    return found;
}

}  // namespace easel
