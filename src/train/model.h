#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "diffusion/scheduler_config.h"
#include "text/tokenizer.h"
#include "train/autoencoder.h"
#include "train/text_encoder.h"
#include "train/unet.h"
#include "weights/checkpoint.h"

namespace easel::train {

/// A word that is learnt (textual inversion, Gal et al. 2022): rows of its own behind the token table.
struct LearnedWord {
    std::string text;
    std::int64_t first_id = 0;
    std::int64_t vectors = 1;
};

/// The three networks as torch modules, and the model on disk that they come from: its configs, scheduler, tokenizer.
struct Model {
    Checkpoint stored;
    TextEncoder text_encoder;
    UNet unet;
    Autoencoder vae;
    std::optional<LearnedWord> word = {};

    Tokenizer tokenizer() const;
    SchedulerConfig scheduler() const;
    void to(torch::Device device);
};

/// A model as `easel --model` takes it, to be trained further. Throws Error as Checkpoint::open and load_weights() do.
Model open_model(const std::filesystem::path& path);

/// A new model: random UNet and text encoder, torch's default initialization drawn with `seed` (the text encoder's
/// tables with a tenth of its deviation), around the VAE of a model or of a file of its own. Throws Error when the
/// networks do not fit together.
Model fresh_model(const TextEncoderConfig& text_encoder, const UNetConfig& unet, const std::filesystem::path& vae,
                  std::uint64_t seed);

/// Makes a new UNet answer that the noise is what it is given, which is nearly right for the noisier half of the steps:
/// silu(x) - silu(-x) = x, so channels of the outermost skip connection carry the latent and its negative, and the
/// branches of all residual blocks and transformers begin at zero. Throws Error about the field `start_as_identity` if
/// its first level is too narrow for them.
void start_as_identity(UNet& unet, const UNetConfig& config);

/// An autoencoder by itself, from a folder, a file or a whole model, or a new one of torch's default initialization
/// drawn with `seed`.
struct StartingAutoencoder {
    VaeConfig config;
    Autoencoder vae;
};
StartingAutoencoder open_autoencoder(const std::filesystem::path& path);
StartingAutoencoder fresh_autoencoder(const VaeConfig& config, std::uint64_t seed);

/// Makes the model one that predicts "epsilon" or "v_prediction" in what is written. Throws Error about the field
/// `prediction_type` for another name.
void set_prediction_type(Checkpoint& model, std::string_view name);

/// Writes a diffusers folder, weights as `dtype` (F32 or F16), in place of one that is there.
void write_model(const Checkpoint& model, DType dtype, const std::filesystem::path& folder);

}  // namespace easel::train
