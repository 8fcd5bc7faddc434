#include "pipeline/model.h"

#include "base/error.h"
#include "pipeline/open_networks.h"

namespace easel {
namespace {

ModelDefaults defaults_of(const ModelFacts& facts) {
    if (!facts.easel_json) return {};
    return parse_model_defaults(*facts.easel_json, (facts.identity.path / "easel.json").string());
}

/// The latents that a picture of these settings has.
LatentSize latent_size(const Settings& settings, const ModelFacts& facts) {
    return {.height = settings.size.height / facts.latents.downsampling,
            .width = settings.size.width / facts.latents.downsampling};
}

Denoiser::Size denoiser_size(const Settings& settings, const ModelFacts& facts) {
    return {.latents = latent_size(settings, facts), .rows = settings.guided() ? 2 : 1};
}

}  // namespace

Tokenizer tokenizer_for(const EngineOptions& options) {
    if (!options.tokenizer.empty()) return open_tokenizer(options.tokenizer.string());
    const std::filesystem::path own = options.model / "tokenizer";
    // Some folders have only the settings of the standard vocabulary in it.
    const bool has_vocabulary =
        std::filesystem::exists(own / "vocab.json") || std::filesystem::exists(own / "tokenizer.json");
    return has_vocabulary ? Tokenizer::open(own) : Tokenizer::standard();
}

Model::Model(const EngineOptions& options)
    : networks_(open_networks(options.model)),
      defaults_(defaults_of(facts())),
      tokenizer_(tokenizer_for(options)),
      runtime_(options) {
    if (const auto vocabulary = facts().text.vocabulary_size; vocabulary && tokenizer_.greatest_id() >= *vocabulary)
        fail(
            "{}: the tokenizer gives ids up to {}, but the text encoder knows only {} tokens; they do not belong "
            "together",
            options.model.string(), tokenizer_.greatest_id(), *vocabulary);
    if (facts().text.token_count != static_cast<int>(Tokenizer::row_length))
        fail("{}: the text encoder has {} positions; easel runs those with {}", options.model.string(),
             facts().text.token_count, Tokenizer::row_length);
}

bool Model::is_compiled_for(const Settings& settings) const {
    const LatentSize size = latent_size(settings, facts());
    const bool text = text_encoder_ && text_encoder_->clip_skip() == settings.clip_skip;
    const bool unet = denoiser_ && denoiser_->size() == denoiser_size(settings, facts());
    const bool encoder = settings.job == Job::text_to_image || (vae_encoder_ && vae_encoder_->size() == size);
    return text && unet && encoder && vae_decoder_ && vae_decoder_->size() == size;
}

void Model::compile(const Settings& settings, const std::stop_token& stop) {
    const auto stop_here = [&stop] {
        if (stop.stop_requested()) throw Cancelled();
    };
    const LatentSize size = latent_size(settings, facts());
    // First, as the only one that was not looked at yet.
    if (settings.job != Job::text_to_image && !(vae_encoder_ && vae_encoder_->size() == size)) {
        vae_encoder_.reset();
        vae_encoder_.emplace(runtime_, *networks_, size);
    }
    stop_here();
    if (!text_encoder_ || text_encoder_->clip_skip() != settings.clip_skip) {
        text_encoder_.reset();
        text_encoder_.emplace(runtime_, *networks_, settings.clip_skip);
    }
    stop_here();
    if (const Denoiser::Size wanted = denoiser_size(settings, facts()); !denoiser_ || denoiser_->size() != wanted) {
        denoiser_.reset();
        denoiser_.emplace(runtime_, *networks_, wanted);
    }
    stop_here();
    if (!vae_decoder_ || vae_decoder_->size() != size) {
        vae_decoder_.reset();
        vae_decoder_.emplace(runtime_, *networks_, size);
    }
}

}  // namespace easel
