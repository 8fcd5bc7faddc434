#include "train/model.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/output_folder.h"
#include "convert/diffusers_folder.h"
#include "convert/replaceable.h"
#include "diffusion/scheduler_json.h"
#include "train/network_weights.h"
#include "weights/checkpoint_writer.h"
#include "weights/layouts.h"
#include "weights/precision.h"

namespace easel::train {
namespace fs = std::filesystem;

Tokenizer Model::tokenizer() const {
    return stored.tokenizer_folder ? Tokenizer::open(*stored.tokenizer_folder) : Tokenizer::standard();
}

SchedulerConfig Model::scheduler() const {
    return parse_scheduler_config(scheduler_config_text(stored), stored.path.string() + ": scheduler").config;
}

void Model::to(torch::Device device) {
    text_encoder->to(device);
    unet->to(device);
    vae->to(device);
}

Model open_model(const fs::path& path) {
    Model model{.stored = Checkpoint::open(path), .text_encoder = nullptr, .unet = nullptr, .vae = nullptr};
    model.text_encoder = TextEncoder(model.stored.text_encoder.config);
    model.unet = UNet(model.stored.unet.config);
    model.vae = Autoencoder(model.stored.vae.config);
    load_weights(*model.text_encoder, model.stored.text_encoder.weights);
    load_weights(*model.unet, model.stored.unet.weights);
    load_weights(*model.vae, model.stored.vae.weights);
    return model;
}

Model fresh_model(const TextEncoderConfig& text_encoder, const UNetConfig& unet, const fs::path& vae,
                  std::uint64_t seed) {
    Model model{.stored = {}, .text_encoder = nullptr, .unet = nullptr, .vae = nullptr};
    model.stored.name = "new model";
    model.stored.vae = open_vae(vae);
    model.stored.text_encoder.config = text_encoder;
    model.stored.unet.config = unet;
    check_parts(text_encoder, unet, model.stored.vae.config, model.stored.family, "the new model");
    torch::manual_seed(seed);
    model.text_encoder = TextEncoder(text_encoder);
    model.unet = UNet(unet);
    model.vae = Autoencoder(model.stored.vae.config);
    load_weights(*model.vae, model.stored.vae.weights);
    return model;
}

StartingAutoencoder open_autoencoder(const fs::path& path) {
    const Network<VaeConfig> stored = open_vae(path);
    StartingAutoencoder start{.config = stored.config, .vae = Autoencoder(stored.config)};
    load_weights(*start.vae, stored.weights);
    return start;
}

StartingAutoencoder fresh_autoencoder(const VaeConfig& config, std::uint64_t seed) {
    torch::manual_seed(seed);
    return {.config = config, .vae = Autoencoder(config)};
}

void set_prediction_type(Checkpoint& model, std::string_view name) {
    if (name != "epsilon" && name != "v_prediction")
        refuse_value("prediction_type", name, "give epsilon or v_prediction");
    nlohmann::json scheduler = parse_json(scheduler_config_text(model), "scheduler_config.json");
    scheduler["prediction_type"] = name;
    model.scheduler_config = scheduler.dump(2) + "\n";
}

void write_model(const Checkpoint& model, DType dtype, const fs::path& folder) {
    OutputFolder output(folder, OutputFile::IfExists::replace, check_replaceable_folder);
    write_diffusers_folder(converted_to(dtype, model, {}), output.temporary());
    output.commit();
}

}  // namespace easel::train
