#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace easel::jobs {

/// What drawing one picture takes, as far as is known without its model.
struct Work {
    /// Pictures of one text are drawn by one opened model: its name, device, precision, ...
    std::string engine;
    /// Those of one text are drawn by the same compiled networks: "512x768", or what decides the size.
    std::string size;
};

/// The order in which to draw the pictures, as indices: each model's follow each other, and of these each size's, as
/// opening a model and compiling networks for a size take long. Models, sizes and pictures otherwise keep the order in
/// which they came.
std::vector<std::size_t> drawing_order(std::span<const Work> pictures);

}  // namespace easel::jobs
