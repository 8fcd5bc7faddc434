#pragma once

#include <algorithm>
#include <array>
#include <filesystem>

#include "train/data_file.h"

namespace easel::testing {

/// Of the pictures that the tests train with, in pixels.
inline constexpr int colours_side = 64;

/// Writes a data file of four pictures: a square of a colour on white, with its name.
inline void write_colours(const std::filesystem::path& path, int side) {
    struct Colour {
        const char* name;
        std::array<std::uint8_t, 3> rgb;
    };
    std::vector<train::CaptionedPicture> pictures;
    for (const Colour& colour : {Colour{"red", {220, 30, 30}}, Colour{"green", {30, 200, 30}},
                                 Colour{"blue", {30, 30, 220}}, Colour{"black", {10, 10, 10}}}) {
        train::CaptionedPicture picture{.captions = {colour.name, std::string("a ") + colour.name + " square"}};
        for (int y = 0; y < side; ++y) {
            for (int x = 0; x < side; ++x) {
                const bool inside = std::min({x, y, side - 1 - x, side - 1 - y}) >= side / 4;
                for (const std::uint8_t value : colour.rgb) picture.pixels.push_back(inside ? value : 255);
            }
        }
        pictures.push_back(std::move(picture));
    }
    train::write_data_file(path, side, side, pictures, OutputFile::IfExists::refuse);
}

}  // namespace easel::testing
