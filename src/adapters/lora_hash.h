#pragma once

#include <filesystem>
#include <string>

namespace easel {

/// By which the web UI knows a LoRA, in 64 hexadecimal digits: `sshs_model_hash` of its metadata, else the SHA-256 of
/// the file without its header. Empty for a large file whose metadata has none, which would take long. Throws Error
/// when the file is no safetensors file. Source: extensions-builtin/Lora/network.py and modules/hashes.py.
std::string lora_hash(const std::filesystem::path& path);

}  // namespace easel
