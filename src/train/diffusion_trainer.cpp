#include "train/diffusion_trainer.h"

#include <algorithm>

#include "base/error.h"
#include "train/loss_weights.h"
#include "train/step_random.h"

namespace easel::train {
namespace {

constexpr std::string_view unet_prefix = "unet.";
constexpr std::string_view text_encoder_prefix = "text_encoder.";
constexpr const char* token_rows = "text_model.embeddings.token_rows";
constexpr const char* token_table = "text_model.embeddings.token_embedding.weight";

void add(Parameters& all, std::string_view prefix, const torch::nn::Module& network) {
    for (const auto& [name, parameter] : parameters_of(network))
        if (parameter.requires_grad()) all.emplace(std::string(prefix) + name, parameter);
}

Parameters of_network(std::string_view prefix, const Parameters& all) {
    Parameters some;
    for (const auto& [name, parameter] : all)
        if (name.starts_with(prefix)) some.emplace(name.substr(prefix.size()), parameter);
    return some;
}

bool has_text(const Parameters& trained) {
    return std::ranges::any_of(trained, [](const auto& item) { return item.first.starts_with(text_encoder_prefix); });
}

double checked_dropout(double caption_dropout) {
    if (!(caption_dropout >= 0 && caption_dropout <= 1))
        refuse_value("caption_dropout", caption_dropout, "give a number from 0 to 1");
    return caption_dropout;
}

}  // namespace

Parameters trained_weights(Model& model, bool text_encoder, const EncodedData& data) {
    Parameters all;
    add(all, unet_prefix, *model.unet);
    if (!text_encoder) return all;
    model.text_encoder->split_rows(data.all_ids());
    add(all, text_encoder_prefix, *model.text_encoder);
    return all;
}

std::vector<ParameterGroup> parameter_groups(const Parameters& trained, double text_encoder_rate) {
    if (!(text_encoder_rate >= 0)) refuse_value("text_encoder_rate", text_encoder_rate, "give a number of 0 or more");
    ParameterGroup unet, text{.rate = text_encoder_rate}, tokens{.is_decayed = false};
    for (const auto& [name, parameter] : trained) {
        ParameterGroup& group = name.ends_with(token_rows) ? tokens : name.starts_with(unet_prefix) ? unet : text;
        group.parameters.emplace(name, parameter);
    }
    return {unet, text, tokens};
}

Checkpoint with_weights(const Model& model, const Parameters& trained, DType dtype) {
    Checkpoint checkpoint = model.stored;
    checkpoint.unet.weights = to_weights(of_network(unet_prefix, trained), "UNet", dtype);
    Parameters text = has_text(trained) ? of_network(text_encoder_prefix, trained) : parameters_of(*model.text_encoder);
    if (const auto rows = text.find(token_rows); rows != text.end()) {
        text[token_table] = model.text_encoder->token_table(rows->second);
        text.erase(rows);
    }
    checkpoint.text_encoder.weights = to_weights(text, "text encoder", dtype);
    return checkpoint;
}

DiffusionTrainer::DiffusionTrainer(Model& model, const Parameters& trained, const EncodedData& data,
                                   std::vector<std::int64_t> caption_begins, const DiffusionOptions& options,
                                   torch::Device device)
    : Trainer(parameter_groups(trained, options.text_encoder_rate), options.training),
      model_(model),
      data_(data),
      train_text_encoder_(has_text(trained)),
      device_(device),
      schedule_(model.scheduler(), device),
      loss_weights_(torch::tensor(loss_weights(loss_weighting_by_name(options.loss), model.scheduler()), torch::kDouble)
                        .to(device, torch::kFloat)),
      batches_(std::move(caption_begins), options.training.batch, checked_dropout(options.caption_dropout),
               options.training.seed) {}

double DiffusionTrainer::backward(std::int64_t step) {
    const std::int64_t size = options().batch;
    std::vector<std::int64_t> shape = data_.shape();
    shape.insert(shape.begin(), size);

    // Drawn for the whole batch, so that its parts make the same step as the whole.
    const Batch batch = batches_.at(step);
    at::Generator generator = generator_for(options().seed, Purpose::step, step);
    const Draws draws = draw(shape, schedule_.timesteps(), generator);
    const Tensor encoder_noise = torch::randn(shape, generator);

    double sum = 0;
    for (const auto& [begin, length] : parts()) {
        const auto of_part = [&, first = begin, count = length](const Tensor& all) {
            return all.narrow(0, first, count).to(device_);
        };
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

}  // namespace easel::train
