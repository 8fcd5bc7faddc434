#pragma once

#include <memory>
#include <optional>
#include <stop_token>

#include <easel/easel.h>

#include "runtime/compiled_network.h"
#include "runtime/denoiser.h"
#include "runtime/network_source.h"
#include "runtime/text_encoder.h"
#include "runtime/vae.h"
#include "settings/model_defaults.h"
#include "settings/settings.h"
#include "text/tokenizer.h"

namespace easel {

/// The tokenizer that these options mean: the one they name, else the model's own, else the standard one. Reads no
/// weights. Throws Error when one is named or in the model's folder and cannot be read.
Tokenizer tokenizer_for(const EngineOptions& options);

/// An opened model and those of its networks that are compiled.
class Model {
  public:
    /// Opens the files; compiles nothing. Throws Error when the model or the tokenizer is missing, broken, or not for
    /// each other.
    explicit Model(const EngineOptions& options);

    const ModelFacts& facts() const { return networks_->facts(); }
    const ModelDefaults& defaults() const { return defaults_; }
    const Tokenizer& tokenizer() const { return tokenizer_; }
    const std::string& precision() const { return runtime_.precision(); }

    /// Whether compile() has something to do for these settings.
    bool is_compiled_for(const Settings& settings) const;
    /// Makes the networks ready that these settings need. What is compiled already for the same size is kept, what is
    /// of another size is let go first. Throws Cancelled between two networks when `stop` was requested.
    void compile(const Settings& settings, const std::stop_token& stop);

    // The networks; compile() comes first.
    TextEncoder& text_encoder() { return *text_encoder_; }
    Denoiser& denoiser() { return *denoiser_; }
    VaeEncoder& vae_encoder() { return *vae_encoder_; }
    VaeDecoder& vae_decoder() { return *vae_decoder_; }

  private:
    std::unique_ptr<const NetworkSource> networks_;
    ModelDefaults defaults_;
    Tokenizer tokenizer_;
    Runtime runtime_;
    std::optional<TextEncoder> text_encoder_;
    std::optional<Denoiser> denoiser_;
    std::optional<VaeEncoder> vae_encoder_;
    std::optional<VaeDecoder> vae_decoder_;
};

}  // namespace easel
