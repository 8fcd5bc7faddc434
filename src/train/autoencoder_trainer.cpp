#include "train/autoencoder_trainer.h"

#include <array>
#include <cmath>

#include "base/error.h"
#include "train/network_weights.h"
#include "train/step_random.h"

namespace easel::train {
namespace {

/// Of Stable Diffusion 1.x: single files do not hold it.
constexpr double published_scaling_factor = 0.18215;

/// An autoencoder's weights with the convolutions next to the latents, which have these `moments`, changed.
Parameters normalized(Parameters weights, const Moments& moments) {
    const std::vector<std::int64_t> all_but_channels = {0, 2, 3};
    const Tensor centre = moments.mean.mean(all_but_channels);
    const Tensor variance =
        moments.mean.var(all_but_channels, /*unbiased=*/false) + moments.log_variance.exp().mean(all_but_channels);
    const Tensor deviation = variance.sqrt() * published_scaling_factor;
    const std::int64_t channels = centre.size(0);
    const auto changed = [&](const char* name) -> Tensor& { return weights.at(name) = weights.at(name).clone(); };

    Tensor &into = changed("quant_conv.weight"), &into_bias = changed("quant_conv.bias");
    into.narrow(0, 0, channels).div_(deviation.view({-1, 1, 1, 1}));
    into_bias.narrow(0, 0, channels).sub_(centre).div_(deviation);
    into_bias.narrow(0, channels, channels).sub_(2 * deviation.log());

    Tensor &out_of = changed("post_quant_conv.weight"), &out_of_bias = changed("post_quant_conv.bias");
    out_of_bias.add_(torch::matmul(out_of.flatten(1), centre));
    out_of.mul_(deviation.view({1, -1, 1, 1}));
    return weights;
}

const DataFile& fitting(const DataFile& data, const VaeConfig& config) {
    check_pictures_fit(data, config);
    return data;
}

}  // namespace

Tensor reconstruction_error(const Tensor& decoded, const Tensor& pictures) {
    constexpr std::array weights_of_scales = {0.5, 0.35, 0.25};
    const auto mean = [](const Tensor& x) { return x.mean({1, 2, 3}); };
    Tensor d = decoded - pictures;
    Tensor error = mean(d.abs()) + mean(d.square());
    for (const double weight : weights_of_scales) {
        const Tensor across = d.narrow(3, 1, d.size(3) - 1) - d.narrow(3, 0, d.size(3) - 1);
        const Tensor down = d.narrow(2, 1, d.size(2) - 1) - d.narrow(2, 0, d.size(2) - 1);
        error = error + weight * (mean(across.abs()) + mean(down.abs()));
        d = torch::avg_pool2d(d, 2);
    }
    return error;
}

Tensor kl_divergence(const Moments& moments) {
    return 0.5 * (moments.mean.square() + moments.log_variance.exp() - 1 - moments.log_variance).mean({1, 2, 3});
}

AutoencoderTrainer::AutoencoderTrainer(Autoencoder& vae, const VaeConfig& config, const DataFile& data,
                                       const AutoencoderOptions& options, torch::Device device)
    : Trainer({{.parameters = parameters_of(*vae)}}, options.training),
      vae_(vae),
      config_(config),
      data_(fitting(data, config)),
      autoencoder_options_(options),
      device_(device),
      batches_(data.caption_begins(), options.training.batch, /*caption_dropout=*/0, options.training.seed) {
    if (!(options.kl_weight >= 0)) refuse_value("kl_weight", options.kl_weight, "give a number of 0 or more");
}

double AutoencoderTrainer::backward(std::int64_t step) {
    const std::int64_t size = options().batch;
    const int factor = config_.downsampling();
    const Tensor chosen = batches_.at(step).pictures;
    at::Generator generator = generator_for(options().seed, Purpose::step, step);
    const Tensor noise =
        torch::randn({size, config_.latent_channels, data_.height() / factor, data_.width() / factor}, generator);

    double sum = 0;
    for (const auto& [begin, length] : parts()) {
        const Tensor pictures =
            data_.pictures(chosen.narrow(0, begin, length)).to(device_).contiguous(torch::MemoryFormat::ChannelsLast);
        const Moments moments = vae_->encode(pictures);
        const Tensor z = moments.mean + (moments.log_variance / 2).exp() * noise.narrow(0, begin, length).to(device_);
        const Tensor errors =
            reconstruction_error(vae_->decode(z), pictures) + autoencoder_options_.kl_weight * kl_divergence(moments);
        const Tensor loss = errors.sum() / static_cast<double>(size);
        loss.backward();
        sum += loss.item<double>();
    }
    return sum;
}

Network<VaeConfig> AutoencoderTrainer::averaged(DType dtype) {
    // The average is what is written, so its latents are those to measure.
    const torch::NoGradGuard no_grad;
    Autoencoder average(config_);
    average->to(device_);
    const Parameters trained = averages();
    for (auto& [name, parameter] : parameters_of(*average)) parameter.copy_(trained.at(name));
    const Moments moments = encode_pictures(average, data_, device_, {});
    Network<VaeConfig> network{.config = config_};
    if (config_.use_quant_conv && config_.use_post_quant_conv) {
        network.config.scaling_factor = published_scaling_factor;
        network.config.shift_factor = 0;
        network.weights = to_weights(normalized(trained, moments), "VAE", dtype);
    } else {
        const double variance = moments.mean.var().item<double>() + moments.log_variance.exp().mean().item<double>();
        network.config.scaling_factor = 1 / std::sqrt(variance);
        network.weights = to_weights(trained, "VAE", dtype);
    }
    return network;
}

}  // namespace easel::train
