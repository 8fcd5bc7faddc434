#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <openvino/core/model.hpp>

#include "base/files.h"
#include "weights/checkpoint.h"

namespace easel {

/// Height and width of latents.
struct LatentSize {
    int height = 0;
    int width = 0;
    bool operator==(const LatentSize&) const = default;
};

/// What the work around the networks has to know of a model, in whatever form its networks come.
struct ModelFacts {
    std::filesystem::path path;
    /// Short name for a picture's metadata.
    std::string name;
    /// One line for a person.
    std::string description;

    /// Layers of the text encoder that clip_skip can choose from; none where only the last one's output is there.
    std::optional<int> text_layers;
    /// Positions of the text encoder.
    int token_count = 77;
    /// Tokens that the text encoder knows, where that can be told.
    std::optional<int> vocabulary_size;

    int latent_channels = 4;
    /// How many times a picture's side is its latents' side.
    int scale = 8;
    /// Latents are what the VAE's encoder gives, less `shift_factor`, times `scaling_factor`.
    double scaling_factor = 0.18215;
    double shift_factor = 0.0;
    /// Whether the decoder takes latents as they are and undoes the scaling itself.
    bool decoder_unscales = false;

    /// What the model was trained on.
    LatentSize native_size;
    /// Whether it can draw in no other size.
    bool fixed_size = false;
    /// Where a size is not asked for but chosen, its sides are multiples of this many latents.
    int size_step = 1;

    /// Steps that a picture takes where neither a person nor the model says how many.
    int usual_steps = 32;
    /// The text of the model's scheduler_config.json, and of its easel.json.
    std::optional<std::string> scheduler_config, easel_json;
    /// Sentences about what was found and not used.
    std::vector<std::string> notes;
};

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

/// Opens the model at `path`: a diffusers folder, an original single file, or a folder of OpenVINO IR. Throws Error
/// when it is none of these or broken.
std::unique_ptr<const NetworkSource> open_networks(const std::filesystem::path& path);

/// The networks that are built here from a checkpoint's weights. All of them are described once, but for the VAE's
/// encoder, which finds what is wrong with a weight before anything slow is begun.
std::unique_ptr<const NetworkSource> networks_of(Checkpoint checkpoint);

}  // namespace easel
