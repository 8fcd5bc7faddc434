#pragma once

#include <cstddef>
#include <cstdint>
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
    /// How long it takes, compared with others: width x height x steps.
    std::uint64_t weight = 1;
};

/// The order in which to draw the pictures, as indices: first by model, then by size, as opening a model and compiling
/// networks for a size take long. Otherwise models, sizes and pictures keep their order.
std::vector<std::size_t> drawing_order(std::span<const Work> pictures);

/// Cuts work that is done in this order into `count` parts of about equal weight, and returns the part, from 0, of each
/// piece. Parts are without gaps, so that a process that draws one opens few models and compiles for few sizes.
std::vector<std::size_t> parts_of(std::span<const std::uint64_t> weights, std::size_t count);

/// The piece with which to begin in order to begin at the fraction `begin`, 0 to 1, of the weight of all.
std::size_t place_in(std::span<const std::uint64_t> weights, double begin);

}  // namespace easel::jobs
