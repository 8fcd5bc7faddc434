#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <easel/easel.h>

namespace easel {

/// In the place of a file: the picture is made of the init picture and the mask.
inline constexpr std::string_view inpaint_picture = "inpaint";

/// ControlNets as text: a line for each, MODEL:PICTURE[:SCALE[:START[:END]]]. A colon in a path is written as "\:", a
/// backslash before a colon as "\\".
std::string text_of(const std::vector<Control>& controls);
/// What cannot be read becomes a control that is_control_list() refuses.
std::vector<Control> controls_from_text(std::string_view text);

/// As pictures store them: of absolute paths the name alone.
std::vector<Control> as_stored(std::vector<Control> controls);

/// Whether each of a list names a model, its scale is a number from 0 to 100, and its window lies in 0 to 1 and is not
/// empty.
bool is_control_list(std::string_view text);

}  // namespace easel
