#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <CLI/App.hpp>

namespace easel::train_cli {

/// How `easel`, which lies beside this program, draws. What is not given is the model's own.
struct DrawingSettings {
    std::string model;
    /// Empty for none.
    std::string lora, embedding;
    std::optional<int> width, height, steps;
    std::optional<double> guidance_scale;
    /// Of the first picture; each one after has the next.
    std::uint64_t seed = 1000;
};

/// The flags for all but the model.
void add_drawing_flags(CLI::App& command, DrawingSettings& settings);

/// Draws a picture for each prompt into `folder`, "1.png" and so on, in place of those that are there, with a contact
/// sheet of all. Throws Error when `easel` is not there or cannot draw them.
void draw(const DrawingSettings& settings, const std::vector<std::string>& prompts, const std::filesystem::path& folder,
          std::stop_token stop);

/// Of the picture for the prompt at `index`.
std::filesystem::path drawn_file(const std::filesystem::path& folder, std::size_t index);

}  // namespace easel::train_cli
