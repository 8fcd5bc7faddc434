#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <easel/easel.h>

#include "base/kept.h"
#include "pipeline/image_prompts.h"
#include "pipeline/open_controls.h"
#include "pipeline/open_embeddings.h"
#include "pipeline/open_loras.h"
#include "pipeline/prompts.h"
#include "pipeline/upscaler.h"
#include "runtime/compiled_network.h"
#include "runtime/controlnet.h"
#include "runtime/denoiser.h"
#include "runtime/network_source.h"
#include "runtime/text_encoder.h"
#include "runtime/vae.h"
#include "settings/model_defaults.h"
#include "settings/settings.h"
#include "text/tokenizer.h"

namespace easel {

/// The tokenizer for these options: the one they name, else the model's own, else the standard one. Reads no
/// weights. Throws Error if one is named or is in the model's folder and cannot be read.
Tokenizer tokenizer_for(const EngineOptions& options);

/// A ControlNet, and what it is compiled for.
struct ControlKey : ControlNetKey {
    std::shared_ptr<const ControlNetNetworks> networks;
    bool operator==(const ControlKey&) const = default;
};

/// Which networks a picture needs, and for which sizes.
struct NetworkKeys {
    TextEncoderKey text_encoder;
    UNetKey unet;
    /// Of predictions that are not guided, where these need fewer rows.
    std::optional<UNetKey> unguided;
    /// In the order of Settings::controls.
    std::vector<ControlKey> controls;
    /// What is drawn, and what the VAE is given of it at once: see vae_tile().
    LatentSize latents, vae_tile;
    /// Whether there is a picture to encode, and latents to decode.
    bool encodes = false, decodes = true;
    /// 1 in the second pass of a picture, whose networks are kept beside those of the first one.
    int pass = 0;
};

/// `rows` of text: see Guidance::rows.
NetworkKeys keys_for(const Settings& settings, int rows, const PromptTokens& tokens, const ModelFacts& facts,
                     NetworkChanges changes = {}, const std::vector<OpenControl>& controls = {});

/// An opened model and those of its networks that are compiled.
class Model {
  public:
    /// Opens the files; compiles nothing. Throws Error if the model or the tokenizer is missing or broken or if they do
    /// not belong together, and Cancelled if `stop` is requested.
    explicit Model(const EngineOptions& options, const std::stop_token& stop = {});

    const ModelFacts& facts() const { return networks_.facts; }
    /// A weight that is NaN or infinite, in words, or none. Reads all weights.
    std::optional<std::string> weight_that_is_not_finite() const {
        auto weight = networks_.weight_that_is_not_finite ? networks_.weight_that_is_not_finite() : std::nullopt;
        return weight ? weight : controls_.weight_that_is_not_finite();
    }
    const ModelDefaults& defaults() const { return defaults_; }
    /// Sentences about what easel.json requests and easel does not do.
    const std::vector<std::string>& defaults_notes() const { return defaults_notes_; }
    const Tokenizer& tokenizer() const { return tokenizer_; }
    /// That of a second text encoder; null if there is none.
    const Tokenizer* tokenizer_2() const { return tokenizer_2_ ? &*tokenizer_2_ : nullptr; }
    /// The precision of the UNet; the expected one before it is compiled.
    const std::string& precision() const { return precision_; }

    /// Compiles the networks for these keys that are missing. With EngineOptions::max_memory it only checks whether
    /// each fits into the limit, and they are compiled when they are requested. Throws Cancelled, and Error of kind
    /// `bad_request` if one does not fit.
    void prepare(const NetworkKeys& keys, const Callbacks& callbacks, const std::stop_token& stop);

    // The networks. Each is compiled, which is reported, unless it is kept for the same key, and stays valid until
    // another is asked for. Throw as their constructors do.
    TextEncoder& text_encoder(const NetworkKeys& keys, const Callbacks& callbacks, const std::stop_token& stop);
    Denoiser& denoiser(const NetworkKeys& keys, const Callbacks& callbacks, const std::stop_token& stop);
    /// All of them at once; those with other keys are dropped.
    /// Only if there is a key for it. It and the other take turns where memory is limited.
    Denoiser& unguided_denoiser(const NetworkKeys& keys, const Callbacks& callbacks, const std::stop_token& stop);
    std::vector<ControlNet*> controls(const NetworkKeys& keys, const Callbacks& callbacks, const std::stop_token& stop);
    VaeEncoder& vae_encoder(const NetworkKeys& keys, const Callbacks& callbacks, const std::stop_token& stop);
    VaeDecoder& vae_decoder(const NetworkKeys& keys, const Callbacks& callbacks, const std::stop_token& stop);
    /// Only if decodes_previews(). Asked for before the denoiser, it stays valid beside it.
    VaeDecoder& preview_decoder(const NetworkKeys& keys, const Callbacks& callbacks, const std::stop_token& stop);

    /// Whether there are previews, and a network that decodes them.
    bool decodes_previews(const Callbacks& callbacks) const;

    /// With a limit on memory, drops all networks, so that those of another model fit in.
    void give_way();

    /// Drops the networks of second passes.
    void drop_second_pass() { passes_[1] = {}; }

    /// See OpenLoras.
    NetworkChanges open(const std::vector<Lora>& loras, const Callbacks& callbacks) {
        return loras_.open(loras, networks_.layers, callbacks.note);
    }

    /// See OpenEmbeddings.
    std::vector<NamedEmbedding> open(const std::vector<Embedding>& embeddings) {
        return embeddings_.open(embeddings, facts());
    }

    /// See OpenIpAdapters.
    std::vector<OpenIpAdapter> open(const std::vector<IpAdapter>& adapters) {
        return ip_adapters_.open(adapters, networks_);
    }

    /// See OpenControls.
    std::vector<OpenControl> open(const std::vector<Control>& controls, const Callbacks& callbacks) {
        return controls_.open(controls, networks_, callbacks.note);
    }

    /// The network of that file, which is kept open. Throws Error as Upscaler does.
    Upscaler& upscaler(const std::filesystem::path& path) { return upscaler_.get(path, runtime_); }

    /// Throws Error of kind `bad_request` if its networks cannot do what is asked for.
    void check(const Settings& settings) const;

    /// Whether this is the first call with that note about the model: such notes are reported once, not for each
    /// picture.
    bool is_first_time_of(const std::string& note) { return reported_.insert(note).second; }

  private:
    template <typename Network, typename Key>
    struct Slot {
        Kept<Network, Key> kept;
        /// Its estimated size; 0 without a limit.
        std::uint64_t bytes = 0;
    };

    template <typename Network, typename Key, typename Source>
    Network& open(Slot<Network, Key>& slot, const Source& source, const Key& key, const Callbacks& callbacks,
                  const std::stop_token& stop);
    /// Throws Error unless the network alone fits into the limit.
    template <typename Source, typename Key>
    void check_fits(const Source& source, const Key& key, const char* name) const;
    /// With a limit both passes take turns.
    struct PassNetworks;
    PassNetworks& of(const NetworkKeys& keys) {
        return passes_.at(limit_ > 0 ? 0 : static_cast<std::size_t>(keys.pass));
    }
    static bool are_compiled(const PassNetworks& networks, const std::vector<ControlKey>& keys);
    /// The same of the UNet and what works beside it: ControlNets, and the decoder of previews.
    void check_fits_together(const NetworkKeys& keys, const Callbacks& callbacks) const;
    /// Drops networks, first those that are needed once for each picture, until that many bytes more fit into the
    /// limit.
    void make_room(std::uint64_t bytes);

    ModelNetworks networks_;
    std::vector<std::string> defaults_notes_;
    ModelDefaults defaults_;
    std::set<std::string> reported_;
    Tokenizer tokenizer_;
    std::optional<Tokenizer> tokenizer_2_;
    Runtime runtime_;
    std::string precision_;
    /// The bytes that networks may take together, and those that the rest of the process holds; both 0 without a limit.
    std::uint64_t limit_ = 0, held_besides_ = 0;
    OpenLoras loras_;
    OpenEmbeddings embeddings_;
    OpenControls controls_;
    OpenIpAdapters ip_adapters_;
    KeptUpscaler upscaler_;
    Slot<TextEncoder, TextEncoderKey> text_encoder_;
    struct PassNetworks {
        Slot<Denoiser, UNetKey> denoiser, unguided;
        std::vector<Slot<ControlNet, ControlKey>> controls;
        Slot<VaeEncoder, LatentSize> vae_encoder;
        Slot<VaeDecoder, LatentSize> vae_decoder;
        Slot<VaeDecoder, LatentSize> preview_decoder;
    };
    std::array<PassNetworks, 2> passes_;
};

}  // namespace easel
