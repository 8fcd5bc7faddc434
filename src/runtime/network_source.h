#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <openvino/core/model.hpp>

#include "base/files.h"
#include "weights/checkpoint.h"
#include "weights/model_facts.h"

namespace easel {

/// How a network is given: as it is described, or in the form that saves time and changes no number but by rounding.
enum class NetworkForm { plain, fast };

/// Where a model's networks come from, ready to be compiled. They are always given in the same form, all values f32
/// and all shapes fixed:
///   text encoder  ids i32 [1, tokens]                         to [1, tokens, width]
///   UNet          sample [1, channels, h, w], timestep [1, k], text [rows, tokens, width]   to [rows, channels, h, w]
///   VAE decoder   [1, channels, h, w]                         to [1, 3, scale h, scale w]
///   VAE encoder   [1, 3, scale h, scale w]                    to [1, 2 channels, h, w]
class NetworkSource {
  public:
    virtual ~NetworkSource() = default;

    const ModelFacts& facts() const { return facts_; }

    /// Its first output is of the last layer; with a `clip_skip` above 1 the second one is of the layer that it names,
    /// counted from the last, which is 1.
    virtual std::shared_ptr<ov::Model> text_encoder(int clip_skip) const = 0;

    struct UNet {
        std::shared_ptr<ov::Model> model;
        /// The values of its input `timestep`.
        std::function<std::vector<float>(double timestep)> encode_timestep;
    };
    /// For so many rows of text: 2 with guidance, 1 without.
    virtual UNet unet(const LatentSize& size, int rows, NetworkForm form) const = 0;

    virtual std::shared_ptr<ov::Model> vae_decoder(const LatentSize& size) const = 0;
    virtual std::shared_ptr<ov::Model> vae_encoder(const LatentSize& size) const = 0;

    /// The mapped files that the networks' weights point into.
    virtual const std::vector<std::shared_ptr<const MappedFile>>& files() const = 0;

  protected:
    ModelFacts facts_;
};

/// The networks that are built here from a checkpoint's weights. All of them are described once, but for the VAE's
/// encoder, which finds what is wrong with a weight before anything slow is begun.
std::unique_ptr<const NetworkSource> networks_of(Checkpoint checkpoint);

}  // namespace easel
