#include "pipeline/model.h"

#include "base/error.h"
#include "networks/clip_text.h"
#include "networks/unet.h"
#include "networks/vae.h"

namespace easel {
namespace {

ModelDefaults defaults_of(const Checkpoint& checkpoint) {
    if (!checkpoint.easel_json) return {};
    return parse_model_defaults(*checkpoint.easel_json, (checkpoint.path / "easel.json").string());
}

/// Opens a checkpoint and describes the networks that every job needs. That is quick, unlike compiling them, and finds
/// what is wrong with a weight in any of them.
Checkpoint open_checkpoint(const std::filesystem::path& path) {
    Checkpoint checkpoint = Checkpoint::open(path);
    build_clip_text(checkpoint.text_encoder.weights, checkpoint.text_encoder.config);
    build_unet(checkpoint.unet.weights, checkpoint.unet.config);
    build_vae_decoder(checkpoint.vae.weights, checkpoint.vae.config);
    return checkpoint;
}

/// The latents that a picture of these settings has.
Size latent_size(const Settings& settings, const Checkpoint& checkpoint) {
    const int factor = checkpoint.vae.config.scale();
    return {settings.size.width / factor, settings.size.height / factor};
}

Denoiser::Size denoiser_size(const Settings& settings, const Checkpoint& checkpoint) {
    const Size latents = latent_size(settings, checkpoint);
    return {.height = latents.height, .width = latents.width, .rows = settings.guided() ? 2 : 1};
}

bool fits(const std::optional<VaeDecoder>& decoder, const Size& latents) {
    return decoder && decoder->width() == latents.width && decoder->height() == latents.height;
}

bool fits(const std::optional<VaeEncoder>& encoder, const Size& picture) {
    return encoder && encoder->width() == picture.width && encoder->height() == picture.height;
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
    : checkpoint_(open_checkpoint(options.model)),
      defaults_(defaults_of(checkpoint_)),
      tokenizer_(tokenizer_for(options)),
      runtime_(options) {
    const int vocabulary = checkpoint_.text_encoder.config.vocab_size;
    if (tokenizer_.greatest_id() >= vocabulary)
        fail(
            "{}: the tokenizer gives ids up to {}, but the text encoder knows only {} tokens; they do not belong "
            "together",
            options.model.string(), tokenizer_.greatest_id(), vocabulary);
    if (checkpoint_.text_encoder.config.max_position_embeddings != static_cast<int>(Tokenizer::row_length))
        fail("{}: the text encoder has {} positions; easel runs those with {}", options.model.string(),
             checkpoint_.text_encoder.config.max_position_embeddings, Tokenizer::row_length);
}

bool Model::is_compiled_for(const Settings& settings) const {
    const bool text = text_encoder_ && text_encoder_->clip_skip() == settings.clip_skip;
    const bool unet = denoiser_ && denoiser_->size() == denoiser_size(settings, checkpoint_);
    const bool encoder = settings.job == Job::text_to_image || fits(vae_encoder_, settings.size);
    return text && unet && encoder && fits(vae_decoder_, latent_size(settings, checkpoint_));
}

void Model::compile(const Settings& settings, const std::stop_token& stop) {
    const auto stop_here = [&stop] {
        if (stop.stop_requested()) throw Cancelled();
    };
    // First, as the only one whose weights were not looked at yet.
    if (settings.job != Job::text_to_image && !fits(vae_encoder_, settings.size)) {
        vae_encoder_.reset();
        vae_encoder_.emplace(runtime_, checkpoint_, settings.size.height, settings.size.width);
    }
    stop_here();
    if (!text_encoder_ || text_encoder_->clip_skip() != settings.clip_skip) {
        text_encoder_.reset();
        text_encoder_.emplace(runtime_, checkpoint_, settings.clip_skip);
    }
    stop_here();
    if (const Denoiser::Size size = denoiser_size(settings, checkpoint_); !denoiser_ || denoiser_->size() != size) {
        denoiser_.reset();
        denoiser_.emplace(runtime_, checkpoint_, size);
    }
    stop_here();
    if (const Size size = latent_size(settings, checkpoint_); !fits(vae_decoder_, size)) {
        vae_decoder_.reset();
        vae_decoder_.emplace(runtime_, checkpoint_, size.height, size.width);
    }
}

}  // namespace easel
