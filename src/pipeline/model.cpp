#include "pipeline/model.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/diffusers_layout.h"
#include "base/error.h"
#include "base/files.h"
#include "base/process.h"
#include "base/side_by_side.h"
#include "pipeline/controls.h"
#include "pipeline/open_networks.h"
#include "pipeline/preview.h"
#include "pipeline/stages.h"
#include "pipeline/tiled_vae.h"
#include "runtime/memory_estimate.h"
#include "runtime/vae_sources.h"
#include "weights/checkpoint.h"

namespace easel {
namespace {

ModelDefaults defaults_of(const ModelFacts& facts, std::vector<std::string>& notes) {
    if (!facts.easel_json) return {};
    return parse_model_defaults(*facts.easel_json, (facts.identity.path / "easel.json").string(), notes);
}

/// The model's networks, and those that the options put in the place of some.
ModelNetworks networks_for(const EngineOptions& options) {
    ModelNetworks networks = open_networks(options.model);
    if (!options.vae.empty()) use_vae(networks, options.vae);
    if (!options.taesd.empty()) use_tiny_vae(networks, options.taesd);
    if (!options.preview_taesd.empty()) use_tiny_vae_for_previews(networks, options.preview_taesd);
    return networks;
}

double gigabytes(std::uint64_t bytes) { return static_cast<double>(bytes) / 1e9; }

}  // namespace

Tokenizer tokenizer_for(const EngineOptions& options) {
    if (!options.tokenizer.empty()) return open_tokenizer(options.tokenizer.string());
    // A folder that has the second text encoder alone is a refiner's.
    const bool is_refiner = path_exists(options.model / refiner_text_encoder_folder.name) &&
                            !path_exists(options.model / text_encoder_folder.name);
    if (const auto own = options.model / (is_refiner ? "tokenizer_2" : "tokenizer"); path_exists(own))
        return Tokenizer::of_model(own);
    const Family family = is_refiner ? Family::stable_diffusion_xl_refiner
                                     : family_of_single_file(options.model).value_or(Family::stable_diffusion_1);
    return Tokenizer::standard(row_of(family).text_encoders.front().padding_id);
}

NetworkKeys keys_for(const Settings& settings, int rows, const PromptTokens& tokens, const ModelFacts& facts,
                     NetworkChanges changes, const std::vector<OpenControl>& controls) {
    const int downsampling = facts.latents.downsampling;
    const LatentSize latents{.height = settings.size.height / downsampling,
                             .width = settings.size.width / downsampling};
    const int chunks = static_cast<int>(tokens.chunk_count());
    std::vector<ControlKey> control_keys;
    for (const OpenControl& control : controls) {
        const bool leaves_one_out = tokens.uncond && acts_on_prompt_alone(settings, control.networks->config);
        control_keys.push_back(
            {{.latents = latents, .rows = leaves_one_out ? rows - 1 : rows, .chunks = chunks}, control.networks});
    }
    return {.text_encoder = {.clip_skip = settings.clip_skip,
                             .changes = std::move(changes.text_encoder),
                             .changes_2 = std::move(changes.text_encoder_2),
                             .takes_vectors = tokens.has_words()},
            .unet = {.latents = latents,
                     .rows = rows,
                     .chunks = chunks,
                     .changes = std::move(changes.unet),
                     .takes_residuals = !controls.empty(),
                     .freeu = settings.freeu},
            .controls = std::move(control_keys),
            .latents = latents,
            .vae_tile = vae_tile(latents, facts.sizes.fixed),
            .encodes = settings.task != Task::text_to_image || facts.masking == Masking::in_the_unet};
}

Model::Model(const EngineOptions& options, const std::stop_token& stop)
    : networks_(networks_for(options)),
      defaults_(defaults_of(facts(), defaults_notes_)),
      tokenizer_(tokenizer_for(options)),
      runtime_(options),
      precision_(runtime_.precision()) {
    if (stop.stop_requested()) throw Cancelled();
    if (facts().text.is_double) {
        const auto own = options.model / "tokenizer_2";
        tokenizer_2_ = path_exists(own)
                           ? Tokenizer::of_model(own)
                           : Tokenizer::standard(row_of(Family::stable_diffusion_xl).text_encoders.back().padding_id);
    }
    if (const auto vocabulary = facts().text.vocabulary_size; vocabulary && tokenizer_.greatest_id() >= *vocabulary)
        fail(ErrorKind::unsupported,
             "{}: the tokenizer gives ids up to {}, but the text encoder knows only {} tokens; they do not belong "
             "together",
             options.model.string(), tokenizer_.greatest_id(), *vocabulary);
    if (const auto vocabulary = facts().text.vocabulary_size; vocabulary && tokenizer_.greatest_id() + 1 < *vocabulary)
        networks_.facts.notes.push_back(
            fmt::format("{}: the text encoder knows {} tokens, but the tokenizer only {}; words that were trained into "
                        "the others cannot be used",
                        options.model.string(), *vocabulary, tokenizer_.greatest_id() + 1));
    if (facts().text.token_count != static_cast<int>(Tokenizer::row_length))
        fail(ErrorKind::unsupported, "{}: the text encoder has {} positions; easel runs those with {}",
             options.model.string(), facts().text.token_count, Tokenizer::row_length);

    if (options.vae_precision != "auto") {
        runtime_.check_precision("vae_precision", options.vae_precision);
        networks_.vae_decoder.precision = networks_.vae_encoder.precision = options.vae_precision;
        if (networks_.preview_decoder) networks_.preview_decoder->precision = options.vae_precision;
    } else if (facts().latents.overflows_in_f16 && precision_ == "f16") {
        networks_.vae_decoder.precision = networks_.vae_encoder.precision = "f32";
    }
    if (options.max_memory > 0) {
        held_besides_ = held_memory_bytes();
        if (options.max_memory <= held_besides_)
            refuse_value("max_memory", options.max_memory, "the program alone holds {:.2f} GB before it draws",
                         gigabytes(held_besides_));
        limit_ = options.max_memory - held_besides_;
    }
}

void Model::prepare(const NetworkKeys& keys, const Callbacks& callbacks, const std::stop_token& stop) {
    if (limit_ > 0) {
        check_fits(networks_.unet, keys.unet, "the UNet");
        check_fits_together(keys, callbacks);
        if (keys.decodes) check_fits(networks_.vae_decoder, keys.vae_tile, "the VAE's decoder");
        if (keys.encodes) check_fits(networks_.vae_encoder, keys.vae_tile, "the VAE's encoder");
        check_fits(networks_.text_encoder, keys.text_encoder, "the text encoder");
        return;
    }
    PassNetworks& networks = of(keys);
    if (!keys.unguided) networks.unguided.kept.drop();
    const bool shows = decodes_previews(callbacks);
    const bool all_there = text_encoder_.kept.has(keys.text_encoder) && networks.denoiser.kept.has(keys.unet) &&
                           (!keys.unguided || networks.unguided.kept.has(*keys.unguided)) &&
                           (!keys.decodes || networks.vae_decoder.kept.has(keys.vae_tile)) &&
                           (!shows || networks.preview_decoder.kept.has(keys.vae_tile)) &&
                           are_compiled(networks, keys.controls) &&
                           (!keys.encodes || networks.vae_encoder.kept.has(keys.vae_tile));
    if (all_there) return;
    const StageReport report(callbacks, Stage::compile);
    // First, because it is the only one that has not been checked yet.
    if (keys.encodes) vae_encoder(keys, {}, stop);
    // Much of the device's work on a network runs on one thread alone, and the UNet takes as long as the others do.
    const auto compile_unet = [&](const std::stop_token& either) {
        denoiser(keys, {}, either);
        if (keys.unguided) unguided_denoiser(keys, {}, either);
    };
    const auto compile_others = [&](const std::stop_token& either) {
        text_encoder(keys, {}, either);
        if (keys.decodes) vae_decoder(keys, {}, either);
        if (shows) preview_decoder(keys, {}, either);
        controls(keys, {}, either);
    };
    run_side_by_side(compile_unet, compile_others, stop);
    report.done();
}

TextEncoder& Model::text_encoder(const NetworkKeys& keys, const Callbacks& callbacks, const std::stop_token& stop) {
    return open(text_encoder_, networks_.text_encoder, keys.text_encoder, callbacks, stop);
}

Denoiser& Model::denoiser(const NetworkKeys& keys, const Callbacks& callbacks, const std::stop_token& stop) {
    Denoiser& denoiser = open(of(keys).denoiser, networks_.unet, keys.unet, callbacks, stop);
    precision_ = denoiser.precision();
    return denoiser;
}

Denoiser& Model::unguided_denoiser(const NetworkKeys& keys, const Callbacks& callbacks, const std::stop_token& stop) {
    return open(of(keys).unguided, networks_.unet, *keys.unguided, callbacks, stop);
}

std::vector<ControlNet*> Model::controls(const NetworkKeys& keys, const Callbacks& callbacks,
                                         const std::stop_token& stop) {
    std::vector<Slot<ControlNet, ControlKey>>& slots = of(keys).controls;
    if (!are_compiled(of(keys), keys.controls)) slots.clear();
    slots.resize(keys.controls.size());
    std::vector<ControlNet*> networks;
    for (std::size_t i = 0; i < slots.size(); ++i)
        networks.push_back(&open(slots[i], *keys.controls[i].networks, keys.controls[i], callbacks, stop));
    return networks;
}

bool Model::are_compiled(const PassNetworks& networks, const std::vector<ControlKey>& keys) {
    return std::ranges::equal(networks.controls, keys,
                              [](const auto& slot, const ControlKey& key) { return slot.kept.has(key); });
}

VaeEncoder& Model::vae_encoder(const NetworkKeys& keys, const Callbacks& callbacks, const std::stop_token& stop) {
    return open(of(keys).vae_encoder, networks_.vae_encoder, keys.vae_tile, callbacks, stop);
}

VaeDecoder& Model::vae_decoder(const NetworkKeys& keys, const Callbacks& callbacks, const std::stop_token& stop) {
    return open(of(keys).vae_decoder, networks_.vae_decoder, keys.vae_tile, callbacks, stop);
}

bool Model::decodes_previews(const Callbacks& callbacks) const {
    return networks_.preview_decoder && are_previews_wanted(callbacks);
}

VaeDecoder& Model::preview_decoder(const NetworkKeys& keys, const Callbacks& callbacks, const std::stop_token& stop) {
    return open(of(keys).preview_decoder, *networks_.preview_decoder, keys.vae_tile, callbacks, stop);
}

template <typename Network, typename Key, typename Source>
Network& Model::open(Slot<Network, Key>& slot, const Source& source, const Key& key, const Callbacks& callbacks,
                     const std::stop_token& stop) {
    return slot.kept.get(key, [&] {
        if (stop.stop_requested()) throw Cancelled();
        const StageReport report(callbacks, Stage::compile);
        if (limit_ > 0) {
            slot.bytes = estimated_memory(runtime_, source, key);
            make_room(slot.bytes);
        }
        Network network(runtime_, source, key, stop);
        report.done();
        return network;
    });
}

void Model::check(const Settings& settings) const {
    if (settings.freeu && !networks_.controlled)
        refuse("freeu", "it changes how the UNet is built, which {} does not allow; leave it out",
               facts().identity.layout);
}

void Model::check_fits_together(const NetworkKeys& keys, const Callbacks& callbacks) const {
    const bool shows = decodes_previews(callbacks);
    if (keys.controls.empty() && !shows) return;
    std::uint64_t bytes = estimated_memory(runtime_, networks_.unet, keys.unet);
    for (const ControlKey& key : keys.controls) bytes += estimated_memory(runtime_, *key.networks, key);
    if (shows) bytes += estimated_memory(runtime_, *networks_.preview_decoder, keys.vae_tile);
    if (bytes <= limit_) return;
    refuse_value("max_memory", fmt::format("{:.2f} GB", gigabytes(limit_ + held_besides_)),
                 "the UNet and {} take about {:.2f} GB together at this size, and the rest of the program {:.2f} GB; "
                 "allow more, or ask for a smaller `width` and `height`",
                 keys.controls.empty() ? "the decoder of `preview_taesd`"
                 : shows               ? "its ControlNets and the decoder of `preview_taesd`"
                                       : "its ControlNets",
                 gigabytes(bytes), gigabytes(held_besides_));
}

template <typename Source, typename Key>
void Model::check_fits(const Source& source, const Key& key, const char* name) const {
    const std::uint64_t bytes = estimated_memory(runtime_, source, key);
    if (bytes <= limit_) return;
    refuse_value("max_memory", fmt::format("{:.2f} GB", gigabytes(limit_ + held_besides_)),
                 "{} takes about {:.2f} GB at this size, and the rest of the program {:.2f} GB; allow more, or ask for "
                 "a smaller `width` and `height`",
                 name, gigabytes(bytes), gigabytes(held_besides_));
}

void Model::give_way() {
    if (limit_ == 0) return;
    text_encoder_.kept.drop();
    passes_.front() = {};
    return_free_memory();
}

void Model::make_room(std::uint64_t bytes) {
    const auto taken = [](const auto& slot) { return slot.kept ? slot.bytes : 0; };
    PassNetworks& networks = passes_.front();
    bool dropped = false;
    const auto drop = [&](auto& slot) {
        std::uint64_t all = taken(text_encoder_) + taken(networks.vae_encoder) + taken(networks.vae_decoder) +
                            taken(networks.preview_decoder) + taken(networks.denoiser) + taken(networks.unguided);
        for (const auto& control : networks.controls) all += taken(control);
        if (!slot.kept || all + bytes <= limit_) return;
        slot.kept.drop();
        dropped = true;
    };
    drop(text_encoder_);
    drop(networks.vae_encoder);
    drop(networks.vae_decoder);
    drop(networks.unguided);
    drop(networks.denoiser);
    // Last, as they work beside the UNet, for which there is always room if all else is dropped.
    drop(networks.preview_decoder);
    for (auto& control : networks.controls) drop(control);
    if (dropped) return_free_memory();
}

}  // namespace easel
