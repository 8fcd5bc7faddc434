#include "pipeline/open_controls.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "base/files.h"
#include "settings/control_list.h"
#include "weights/checkpoint.h"

namespace easel {
namespace fs = std::filesystem;
namespace {

/// Throws Error unless the residuals are what the model's UNet adds.
void check_fits(const ControlNetConfig& control, const ModelNetworks& model, const fs::path& path) {
    const UNetConfig& unet = *model.controlled;
    if (control.unet.cross_attention_dim != unet.cross_attention_dim)
        fail(ErrorKind::unsupported,
             "{}: is a ControlNet for another family: it takes text of width {}, and the model has {}", path.string(),
             control.unet.cross_attention_dim, unet.cross_attention_dim);
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

}  // namespace

OpenControls::FileState OpenControls::state_of(const fs::path& path) {
    if (is_stream(path)) return {.path = path, .written = {}};
    std::error_code none;  // who reads it says what is wrong with a path
    return {.path = path, .written = fs::last_write_time(path, none), .size = fs::file_size(path, none)};
}

template <typename T>
std::shared_ptr<const T> OpenControls::find(const fs::path& path, AllOpened<T>& now, const AllOpened<T>& before) {
    const auto is_it = [&](const Opened<T>& opened) {
        return opened.path == path &&
               std::ranges::all_of(opened.files, [](const FileState& file) { return state_of(file.path) == file; });
    };
    if (const auto found = std::ranges::find_if(now, is_it); found != now.end()) return found->value;
    const auto found = std::ranges::find_if(before, is_it);
    if (found == before.end()) return nullptr;
    return now.emplace_back(*found).value;
}

std::vector<OpenControl> OpenControls::open(const std::vector<Control>& controls, const ModelNetworks& model,
                                            const Note& note) {
    if (!controls.empty() && !model.controlled)
        refuse("controls",
               "the UNet of this model (OpenVINO IR) takes nothing from ControlNets; draw with the checkpoint that it "
               "was made from");
    AllOpened<ControlNetNetworks> networks;
    AllOpened<Picture> pictures;
    std::vector<OpenControl> opened;
    for (const Control& control : controls) {
        OpenControl& now = opened.emplace_back();
        now.networks = find(control.model, networks, networks_);
        if (!now.networks) {
            std::vector<std::string> notes;
            Network<ControlNetConfig> network = open_controlnet(control.model, notes);
            check_fits(network.config, model, control.model);
            now.networks = std::make_shared<const ControlNetNetworks>(
                networks_of(std::move(network), model.facts.text.token_count, notes));
            Opened<ControlNetNetworks>& kept = networks.emplace_back();
            kept.path = control.model;
            kept.value = now.networks;
            for (const auto& file : now.networks->residuals.files) kept.files.push_back(state_of(file->path()));
            for (const std::string& sentence : notes)
                if (note) note(sentence);
        }
        if (control.picture) {
            now.picture = std::make_shared<const Picture>(*control.picture);
        } else if (control.file != inpaint_picture) {
            now.picture = find(control.file, pictures, pictures_);
            if (!now.picture) {
                now.picture = std::make_shared<const Picture>(read_picture(control.file, note));
                pictures.push_back({.path = control.file, .files = {state_of(control.file)}, .value = now.picture});
            }
        }
    }
    networks_ = std::move(networks);
    pictures_ = std::move(pictures);
    return opened;
}

std::optional<std::string> OpenControls::weight_that_is_not_finite() const {
    for (const auto& opened : networks_)
        if (auto weight = opened.value->weight_that_is_not_finite()) return weight;
    return std::nullopt;
}

}  // namespace easel
