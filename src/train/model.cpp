#include "train/model.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "base/json.h"
#include "base/output_folder.h"
#include "convert/diffusers_folder.h"
#include "convert/replaceable.h"
#include "diffusion/scheduler_json.h"
#include "train/network_weights.h"
#include "weights/checkpoint_writer.h"
#include "weights/family.h"
#include "weights/layouts.h"
#include "weights/precision.h"

namespace easel::train {
namespace fs = std::filesystem;

namespace {

/// Torch draws tables with a deviation of 1, next to which what the layers add is lost.
void scale_tables(TextEncoder& text_encoder) {
    const torch::NoGradGuard no_grad;
    for (auto& [name, parameter] : parameters_of(*text_encoder))
        if (name.find(".embeddings.") != name.npos) parameter.mul_(0.1);
}

}  // namespace

Tokenizer Model::tokenizer() const {
    if (stored.tokenizer_folder) return Tokenizer::of_model(*stored.tokenizer_folder);
    return Tokenizer::standard(row_of(stored.family).text_encoders.front().padding_id);
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
    const UNetVariant* const variant =
        unet_variant(model.stored.unet.config.in_channels, model.stored.vae.config.latent_channels);
    if (!variant || !variant->name.empty())
        fail(ErrorKind::unsupported, "{}: is {}; only models that draw from text alone can be trained further",
             path.string(), variant ? variant->name : "of an unknown kind");
    if (row_of(model.stored.family).has_added_conditions())
        fail(ErrorKind::unsupported, "{}: is a {} model, which cannot be trained further", path.string(),
             row_of(model.stored.family).name);
    const auto has_own = [](const UNetLevel& level) {
        return !level.transformer_layers_down.empty() || !level.transformer_layers_up.empty();
    };
    if (std::ranges::any_of(model.stored.unet.config.levels, has_own))
        fail(ErrorKind::unsupported,
             "{}: has transformers of different depths within a level, which cannot be trained further", path.string());
    if (model.stored.unet.config.time_cond_proj_dim > 0)
        fail(
            ErrorKind::unsupported,
            "{}: its UNet takes the guidance scale (LCM); only models that draw from text alone can be trained further",
            path.string());
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
    scale_tables(model.text_encoder);
    model.unet = UNet(unet);
    model.vae = Autoencoder(model.stored.vae.config);
    load_weights(*model.vae, model.stored.vae.weights);
    return model;
}

void start_as_identity(UNet& unet, const UNetConfig& config) {
    const torch::NoGradGuard no_grad;
    const int channels = config.in_channels, carried = 2 * channels, first = config.levels.front().width;
    if (config.out_channels != channels || first < carried)
        refuse("start_as_identity", "needs as many output as input channels, and a first level of {} or more", carried);
    Parameters parameters = parameters_of(*unet);
    for (auto& [name, parameter] : parameters)
        if (name.find(".conv2.") != name.npos || name.find(".proj_out.") != name.npos) parameter.zero_();
    const std::string shortcut =
        fmt::format("up_blocks.{}.resnets.{}.conv_shortcut.", config.level_count() - 1, config.levels.front().layers);
    Tensor &in = parameters.at("conv_in.weight"), &skip = parameters.at(shortcut + "weight"),
           &out = parameters.at("conv_out.weight");
    for (Tensor* all : {&in, &parameters.at("conv_in.bias"), &skip, &parameters.at(shortcut + "bias")})
        all->narrow(0, 0, carried).zero_();
    out.zero_();
    parameters.at("conv_out.bias").zero_();
    const std::int64_t skipped = skip.size(1) - first;
    for (int i = 0; i < carried; ++i) {
        const double sign = i < channels ? 1 : -1;
        in[i][i % channels][1][1] = sign;
        skip[i][skipped + i] = 1;
        out[i % channels][i][1][1] = sign;
    }
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
