#pragma once

#include <span>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include <easel/easel.h>

#include "server/control_picture.h"
#include "server/drawing.h"
#include "server/models.h"
#include "settings/setting.h"

namespace easel::server {

/// Of one request; the web UI's extension has no more either.
inline constexpr int most_controls = 10;

/// An entry of `controls` but for its picture and the options of its annotator (annotator_table()).
struct ControlFields {
    /// A name in the server's folder of ControlNets.
    std::string model;
    /// A name of annotators(), or "none" for a picture that is ready.
    std::string annotator = "none";
    double scale = 1.0;
    double start = 0.0;
    double end = 1.0;
    /// As for init pictures: 0 stretches, 1 cuts off, 2 surrounds.
    int resize_mode = 1;
};
std::span<const Setting<ControlFields>> control_fields();

/// Throws Refusal (422), naming `field`, where an entry's model is no text: errors about a field of that name would be
/// about the model that draws.
void check_model_name(const nlohmann::json& entry, std::string_view field);

/// What Fit the number of a resize mode stands for, 0 to 2.
Fit fit_of_mode(int resize_mode);

/// The picture of a request that a ControlNet follows: `asked`, brought to the size that is drawn, and to the part
/// where the picture is but a part of another and `is_cropped`. Its resolution 0 stands for resolution_for() that size.
Picture picture_to_follow(ControlPicture asked, Fit fit, bool is_cropped, const Drawing& drawing, const Models& models);

/// The request's init picture, whole. Throws Refusal (422), naming `field`, where there is none.
Picture init_to_follow(const Drawing& drawing, std::string_view field);

/// A ControlNet that follows the init picture without what is under the mask. Throws Refusal (422) where the request
/// has not both, and (501) where `has_picture`, one of its own.
Control inpaint_control(const Drawing& drawing, bool has_picture, std::string_view field);

/// Adds what `controls` of a request's body asks for; their models are but names yet. Throws Error, naming the field.
void read_controls(Drawing& drawing, const nlohmann::json& body, const Models& models);

/// The picture that an entry of `controls` gives to its ControlNet, where it is drawn at `width` x `height` (of the
/// body, else the model's own). Throws as read_controls() does.
Picture read_control_picture(const nlohmann::json& body, const Models& models);

}  // namespace easel::server
