#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <easel/easel.h>

namespace easel::server {

/// Of a prompt, in bytes.
inline constexpr std::size_t longest_prompt = 32'000;

/// A part of a picture, in pixels from its upper left corner.
struct Box {
    int left = 0;
    int top = 0;
    int width = 0;
    int height = 0;
    bool operator==(const Box&) const = default;
};

/// Where what is drawn goes when it is but a part of a picture.
struct PartOf {
    Picture whole;
    Box box;
    /// Of the size of `whole`; 0 keeps its pixels.
    Mask mask;
};

/// A picture to enlarge.
struct Enlargement {
    Picture picture;
    /// The text that is stored in it.
    std::string parameters;
    /// What it becomes, in pixels, and what is kept of that, around its centre; the rest is black.
    int width = 0, height = 0;
    int kept_width = 0, kept_height = 0;
    /// The network's file; empty for Lanczos.
    std::filesystem::path upscaler;
};

/// What a job does.
struct Drawing {
    enum class Task {
        draw,
        /// Only opens the model.
        load,
        /// Only gives its memory back.
        unload,
        /// Only enlarges pictures.
        enlarge
    };
    Task task = Task::draw;
    /// The first picture's; picture i has seed + i.
    Request request;
    int pictures = 1;
    /// A title; empty for the model that is chosen for all.
    std::string model;
    /// Whether `model` is then chosen for all.
    bool model_stays = false;
    /// The title of the model that draws the last steps, where Request::refiner_at does not leave it out; empty for
    /// none. Without a value it is the server's own.
    std::optional<std::string> refiner;
    std::optional<PartOf> part;
    /// Whether the pictures are saved, if the server does that.
    bool saves = false;
    /// Gives the init picture back as it is: what a strength of 0 means to AUTOMATIC1111's clients, and Engine refuses.
    bool keeps_picture = false;
    std::vector<Enlargement> enlargements;
};

}  // namespace easel::server
