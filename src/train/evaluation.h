#pragma once

#include <array>
#include <stop_token>
#include <string>
#include <vector>

#include "train/data_file.h"
#include "train/model.h"

/// How good a model is, in numbers that compare with each other: the same pictures and noise each time.
namespace easel::train {

/// `count` of a data file's pictures, or all if it has fewer: int64 [n].
Tensor chosen_pictures(const DataFile& data, std::int64_t count);

/// How near pictures come to themselves through the autoencoder: the mean peak signal-to-noise ratio, in dB.
double psnr(Autoencoder& vae, const DataFile& data, const Tensor& pictures, torch::Device device, std::stop_token stop);

/// The mean squared error of the model's prediction for each tenth of the timesteps, from little noise to much, each
/// picture with its first caption.
std::array<double, 10> losses_by_timestep(Model& model, const DataFile& data, const Tensor& pictures,
                                          torch::Device device, std::stop_token stop);

/// The first caption of each of the pictures.
std::vector<std::string> first_captions(const DataFile& data, const Tensor& pictures);

/// Pictures [n, 3, height, width] in -1..1 as they are compared with others: 32 x 32, [n, 3072] in 0..1.
Tensor thumbnails(const Tensor& pictures);

/// Whether pictures are those that are meant.
struct Likeness {
    /// Share of them whose nearest thumbnail of all, by absolute difference, is that of the picture meant, and share
    /// with it among the nearest five.
    double top1 = 0, top5 = 0;
    /// How much neighbouring pixels differ, in parts of what they do in the pictures meant: 1 is as crisp.
    double edges = 0;
};
/// `pictures` and `meant` [n, 3, height, width] in -1..1; `all` are thumbnails, and `places` [n] say which of these are
/// of the pictures meant.
Likeness likeness(const Tensor& pictures, const Tensor& meant, const Tensor& all, const Tensor& places);

/// What the autoencoder makes of a data file's `pictures`: [n, 3, height, width] in -1..1. The most that a model with
/// this autoencoder can be like them.
Tensor through_autoencoder(Autoencoder& vae, const DataFile& data, const Tensor& pictures, torch::Device device,
                           std::stop_token stop);

}  // namespace easel::train
