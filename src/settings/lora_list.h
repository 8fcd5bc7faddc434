#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <easel/easel.h>

namespace easel {

/// LoRAs as text: a line for each, FILE, FILE:WEIGHT or FILE:WEIGHT:TEXT_WEIGHT. A colon before anything but a number
/// is part of the file's name.
std::string text_of(const std::vector<Lora>& loras);
std::vector<Lora> loras_from_text(std::string_view text);

/// Without the folders of their files.
std::vector<Lora> without_folders(std::vector<Lora> loras);

/// Whether each of a list names a file, and its weights are numbers from -100 to 100.
bool is_lora_list(std::string_view text);

}  // namespace easel
