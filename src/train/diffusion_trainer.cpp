#include "train/diffusion_trainer.h"

#include "base/error.h"
#include "train/loss_weights.h"
#include "train/step_random.h"

namespace easel::train {
namespace {

constexpr std::string_view unet_prefix = "unet.";
constexpr std::string_view text_encoder_prefix = "text_encoder.";

void add(Parameters& all, std::string_view prefix, const torch::nn::Module& network) {
    for (const auto& [name, parameter] : parameters_of(network)) all.emplace(std::string(prefix) + name, parameter);
}

Parameters trained_parameters(const Model& model, bool train_text_encoder) {
    Parameters all;
    add(all, unet_prefix, *model.unet);
    if (train_text_encoder) add(all, text_encoder_prefix, *model.text_encoder);
    return all;
}

Parameters of_network(std::string_view prefix, const Parameters& all) {
    Parameters some;
    for (const auto& [name, parameter] : all)
        if (name.starts_with(prefix)) some.emplace(name.substr(prefix.size()), parameter);
    return some;
}

double checked_dropout(double caption_dropout) {
    if (!(caption_dropout >= 0 && caption_dropout <= 1))
        refuse_value("caption_dropout", caption_dropout, "give a number from 0 to 1");
    return caption_dropout;
}

}  // namespace

DiffusionTrainer::DiffusionTrainer(Model& model, const EncodedData& data, std::vector<std::int64_t> caption_begins,
                                   const DiffusionOptions& options, torch::Device device)
    : Trainer(trained_parameters(model, options.train_text_encoder), options.training),
      model_(model),
      data_(data),
      train_text_encoder_(options.train_text_encoder),
      device_(device),
      schedule_(model.scheduler(), device),
      loss_weights_(torch::tensor(loss_weights(loss_weighting_by_name(options.loss), model.scheduler()), torch::kDouble)
                        .to(device, torch::kFloat)),
      batches_(std::move(caption_begins), options.training.batch, checked_dropout(options.caption_dropout),
               options.training.seed) {}

double DiffusionTrainer::backward(std::int64_t step) {
    const std::int64_t size = options().batch, part = size / options().accumulation;
    std::vector<std::int64_t> shape = data_.shape();
    shape.insert(shape.begin(), size);

    // Drawn for the whole batch, so that its parts make the same step as the whole.
    const Batch batch = batches_.at(step);
    at::Generator generator = generator_for(options().seed, Purpose::step, step);
    const Draws draws = draw(shape, schedule_.timesteps(), generator);
    const Tensor encoder_noise = torch::randn(shape, generator);

    double sum = 0;
    for (std::int64_t first = 0; first < size; first += part) {
        const auto of_part = [&](const Tensor& all) { return all.narrow(0, first, part).to(device_); };
        const Draws drawn{.timesteps = of_part(draws.timesteps), .noise = of_part(draws.noise)};
        const Tensor x0 = data_.latents(of_part(batch.pictures), of_part(encoder_noise));
        const Tensor errors = squared_errors(model_.unet, schedule_, x0, describe(of_part(batch.captions)), drawn);
        const Tensor weights = loss_weights_.index_select(0, drawn.timesteps);
        const Tensor loss = (weights * errors).sum() / static_cast<double>(size);
        loss.backward();
        sum += loss.item<double>();
    }
    return sum;
}

Tensor DiffusionTrainer::describe(const Tensor& captions) {
    const torch::AutoGradMode gradients(train_text_encoder_);
    return model_.text_encoder(data_.ids(captions));
}

Checkpoint DiffusionTrainer::averaged(DType dtype) {
    Checkpoint checkpoint = model_.stored;
    const Parameters trained = averages();
    checkpoint.unet.weights = to_weights(of_network(unet_prefix, trained), "UNet", dtype);
    checkpoint.text_encoder.weights =
        to_weights(train_text_encoder_ ? of_network(text_encoder_prefix, trained) : parameters_of(*model_.text_encoder),
                   "text encoder", dtype);
    return checkpoint;
}

}  // namespace easel::train
