#include "networks/clip_text.h"
#include "networks/unet.h"
#include "networks/vae.h"
#include "runtime/network_source.h"

namespace easel {
namespace {

ModelFacts facts_of(const Checkpoint& checkpoint) {
    const TextEncoderConfig& text = checkpoint.text_encoder.config;
    const VaeConfig& vae = checkpoint.vae.config;
    const int native = checkpoint.unet.config.sample_size;
    const bool is_folder = checkpoint.layout == Checkpoint::Layout::diffusers_folder;
    return {.identity = {.path = checkpoint.path,
                         .name = checkpoint.name,
                         .family = "Stable Diffusion 1.x",
                         .layout = is_folder ? "diffusers folder" : "single file",
                         .weight_bytes = checkpoint.text_encoder.weights.total_bytes() +
                                         checkpoint.unet.weights.total_bytes() + checkpoint.vae.weights.total_bytes(),
                         .description = checkpoint.description()},
            .latents = {.channels = vae.latent_channels,
                        .downsampling = vae.scale(),
                        .scaling_factor = vae.scaling_factor,
                        .shift_factor = vae.shift_factor},
            .sizes = {.native = {native, native}},
            .text = {.layers = text.num_hidden_layers,
                     .token_count = text.max_position_embeddings,
                     .vocabulary_size = text.vocab_size},
            .usual_steps = is_folder ? 32 : 20,
            .scheduler_config = checkpoint.scheduler_config,
            .easel_json = checkpoint.easel_json,
            .notes = checkpoint.notes};
}

class CheckpointNetworks : public NetworkSource {
  public:
    explicit CheckpointNetworks(Checkpoint checkpoint) : checkpoint_(std::move(checkpoint)) {
        facts_ = facts_of(checkpoint_);
        build_clip_text(checkpoint_.text_encoder.weights, checkpoint_.text_encoder.config);
        build_unet(checkpoint_.unet.weights, checkpoint_.unet.config);
        build_vae_decoder(checkpoint_.vae.weights, checkpoint_.vae.config);
    }

    std::shared_ptr<ov::Model> text_encoder(int clip_skip) const override {
        const auto& [config, weights] = checkpoint_.text_encoder;
        auto model = build_clip_text(weights, config, clip_skip == 1 ? std::vector{1} : std::vector{1, clip_skip});
        model->reshape(ov::PartialShape{1, config.max_position_embeddings});
        return model;
    }

    UNet unet(const LatentSize& size, int rows, NetworkForm form) const override {
        const auto& [config, weights] = checkpoint_.unet;
        auto model = build_unet(weights, config, form == NetworkForm::fast ? UNetInputs::shared : UNetInputs::repeated);
        model->reshape(
            {{model->input("sample"), {1, config.in_channels, size.height, size.width}},
             {model->input("encoder_hidden_states"), {rows, facts_.text.token_count, config.cross_attention_dim}}});
        return {std::move(model),
                [width = config.levels.front().width, flip = config.flip_sin_to_cos, shift = config.freq_shift](
                    double timestep) { return timestep_sinusoid(timestep, width, flip, shift); }};
    }

    std::shared_ptr<ov::Model> vae_decoder(const LatentSize& size) const override {
        const auto& [config, weights] = checkpoint_.vae;
        auto model = build_vae_decoder(weights, config);
        model->reshape(ov::PartialShape{1, config.latent_channels, size.height, size.width});
        return model;
    }

    std::shared_ptr<ov::Model> vae_encoder(const LatentSize& size) const override {
        const auto& [config, weights] = checkpoint_.vae;
        auto model = build_vae_encoder(weights, config);
        model->reshape(
            ov::PartialShape{1, config.in_channels, config.scale() * size.height, config.scale() * size.width});
        return model;
    }

    const std::vector<std::shared_ptr<const MappedFile>>& files() const override { return checkpoint_.files; }

  private:
    Checkpoint checkpoint_;
};

}  // namespace

std::unique_ptr<const NetworkSource> networks_of(Checkpoint checkpoint) {
    return std::make_unique<CheckpointNetworks>(std::move(checkpoint));
}

}  // namespace easel
