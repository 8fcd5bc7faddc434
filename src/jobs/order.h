#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace easel::jobs {

/// What is needed to draw one picture, as far as is known without its model.
struct Work {
    /// Pictures with the same text are drawn by one opened model: its name, device, precision, ...
    std::string engine;
    /// Pictures with the same text are drawn by the same compiled networks: "512x768", or what decides the size.
    std::string size;
};

/// The order in which to draw the pictures, as indices: first by model, then by size, as opening a model and compiling
/// networks for a size take long. Otherwise models, sizes and pictures keep their order.
std::vector<std::size_t> drawing_order(std::span<const Work> pictures);

}  // namespace easel::jobs
