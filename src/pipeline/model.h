#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include <easel/easel.h>

#include "base/kept.h"
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

/// Which networks a picture needs, and for which sizes.
struct NetworkKeys {
    TextEncoderKey text_encoder;
    UNetKey unet;
    /// Of the VAE.
    LatentSize latents;
    /// Whether there is a picture to encode.
    bool encodes = false;
};

NetworkKeys keys_for(const Settings& settings, int rows, const ModelFacts& facts);

/// An opened model, and its networks as far as they are compiled.
class Model {
  public:
    /// Opens the files; compiles nothing. Throws Error when the model or the tokenizer is missing, broken, or not for
    /// each other, and Cancelled when `stop` is requested.
    explicit Model(const EngineOptions& options, const std::stop_token& stop = {});

    const ModelFacts& facts() const { return networks_.facts; }
    /// A weight that is NaN or infinite, in words, or none. Reads all weights.
    std::optional<std::string> weight_that_is_not_finite() const {
        return networks_.weight_that_is_not_finite ? networks_.weight_that_is_not_finite() : std::nullopt;
    }
    const ModelDefaults& defaults() const { return defaults_; }
    /// Sentences on what easel.json asks for and does not get.
    const std::vector<std::string>& defaults_notes() const { return defaults_notes_; }
    const Tokenizer& tokenizer() const { return tokenizer_; }
    /// What the UNet is computed in; before it is compiled, what it is expected to be.
    const std::string& precision() const { return precision_; }

    /// Compiles what is missing of the networks for these keys. With EngineOptions::max_memory it only finds out
    /// whether each fits in, and they are compiled when they are asked for. Throws Cancelled, and Error of kind
    /// `bad_request` when one does not fit in.
    void prepare(const NetworkKeys& keys, const Callbacks& callbacks, const std::stop_token& stop);

    // The networks. Each is compiled, which is reported, unless it is kept for the same key, and stays valid until
    // another is asked for. Throw as their constructors do.
    TextEncoder& text_encoder(const TextEncoderKey& key, const Callbacks& callbacks, const std::stop_token& stop);
    Denoiser& denoiser(const UNetKey& key, const Callbacks& callbacks, const std::stop_token& stop);
    VaeEncoder& vae_encoder(const LatentSize& size, const Callbacks& callbacks, const std::stop_token& stop);
    VaeDecoder& vae_decoder(const LatentSize& size, const Callbacks& callbacks, const std::stop_token& stop);

    /// Whether a note about the model was not asked about before: those are reported once, not with each picture.
    bool is_first_time_of(const std::string& note) { return reported_.insert(note).second; }

  private:
    template <typename Network, typename Key>
    struct Slot {
        Kept<Network, Key> kept;
        /// What it takes, as estimated; 0 without a limit.
        std::uint64_t bytes = 0;
    };

    template <typename Network, typename Key, typename Source>
    Network& open(Slot<Network, Key>& slot, const Source& source, const Key& key, const Callbacks& callbacks,
                  const std::stop_token& stop);
    /// Throws Error unless the network fits into the limit alone.
    template <typename Source, typename Key>
    void check_fits(const Source& source, const Key& key, const char* name) const;
    /// Drops networks, those first that are needed once a picture, until so many bytes more fit into the limit.
    void make_room(std::uint64_t bytes);

    ModelNetworks networks_;
    std::vector<std::string> defaults_notes_;
    ModelDefaults defaults_;
    std::set<std::string> reported_;
    Tokenizer tokenizer_;
    Runtime runtime_;
    std::string precision_;
    /// What networks may take together, and what else the process holds; both 0 without a limit.
    std::uint64_t limit_ = 0, held_besides_ = 0;
    Slot<TextEncoder, TextEncoderKey> text_encoder_;
    Slot<Denoiser, UNetKey> denoiser_;
    Slot<VaeEncoder, LatentSize> vae_encoder_;
    Slot<VaeDecoder, LatentSize> vae_decoder_;
};

}  // namespace easel
