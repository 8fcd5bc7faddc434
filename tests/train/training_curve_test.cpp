// A recipe's first steps, beside the losses that plain PyTorch has with the same pictures and draws.

#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include "train/algorithm.h"
#include "train/diffusion_trainer.h"
#include "train/loss_weights.h"
#include "train/stable_diffusion.h"
#include "weights/safetensors.h"

namespace easel::train {
namespace {

using testing::stable_diffusion;

constexpr int pictures = 12, captions = 4, steps = 40, batch = 8;

TextEncoderConfig text_config(std::int64_t rows) {
    TextEncoderConfig config;
    config.vocab_size = static_cast<int>(rows);
    config.hidden_size = 32;
    config.intermediate_size = 128;
    config.num_hidden_layers = 1;
    config.num_attention_heads = 2;
    return config;
}

UNetConfig unet_config() {
    UNetConfig config;
    config.cross_attention_dim = 32;
    config.norm_num_groups = 8;
    config.levels = {
        {.width = 32, .layers = 1, .heads = 2},
        {.width = 32, .layers = 1, .cross_attention_down = false, .cross_attention_up = false, .heads = 2}};
    return config;
}

/// What the recipe's run was given and found.
struct Recorded {
    Recorded() : file("golden/training_curve.safetensors") {}

    Tensor operator[](const std::string& name) const {
        const TensorView& view = file.tensors().at(name);
        const auto type = view.dtype == DType::I64   ? torch::kLong
                          : view.dtype == DType::F16 ? torch::kHalf
                          : view.dtype == DType::F64 ? torch::kDouble
                                                     : torch::kFloat;
        return torch::from_blob(const_cast<std::byte*>(view.bytes.data()), view.shape, type).clone();
    }

    /// Gives a network the weights that the run began with.
    void load(torch::nn::Module& network, const std::string& prefix) const {
        const torch::NoGradGuard no_grad;
        for (auto& [name, parameter] : parameters_of(network)) parameter.copy_((*this)[prefix + name]);
    }

    SafetensorsFile file;
};

Parameters with_prefix(const std::string& prefix, const torch::nn::Module& network) {
    Parameters prefixed;
    for (const auto& [name, parameter] : parameters_of(network))
        if (parameter.requires_grad()) prefixed.emplace(prefix + name, parameter);
    return prefixed;
}

/// Takes the recorded steps.
class RecordedTrainer : public Trainer {
  public:
    RecordedTrainer(const Recorded& recorded, UNet unet, TextEncoder text_encoder, const Parameters& trained,
                    const TrainingOptions& options)
        : Trainer(parameter_groups(trained, /*text_encoder_rate=*/0.5), options),
          mean_(recorded["mean"]),
          deviation_(recorded["deviation"]),
          ids_(recorded["ids"]),
          unet_(std::move(unet)),
          text_encoder_(std::move(text_encoder)),
          schedule_(stable_diffusion(), torch::kCPU),
          weights_(torch::tensor(loss_weights(LossWeighting::balanced, stable_diffusion()), torch::kFloat)) {}

  private:
    double backward(std::int64_t step) override {
        at::Generator generator = at::detail::createCPUGenerator(static_cast<std::uint64_t>(step));
        const auto choose = [&](int count) { return torch::randint(0, count, {batch}, generator, torch::kLong); };
        const Tensor which = choose(pictures), caption = choose(captions), timesteps = choose(1000);
        const Tensor means = mean_.index_select(0, which);
        const Tensor z = means + deviation_.index_select(0, which) * torch::randn(means.sizes(), generator);
        const Draws draws{.timesteps = timesteps, .noise = torch::randn(z.sizes(), generator)};
        const Tensor text = text_encoder_(ids_.index({which, caption}));
        const Tensor errors = squared_errors(unet_, schedule_, z, text, draws);
        const Tensor loss = (errors * weights_.index_select(0, timesteps)).mean();
        loss.backward();
        return loss.item<double>();
    }

    Tensor mean_, deviation_, ids_;
    UNet unet_;
    TextEncoder text_encoder_;
    NoiseSchedule schedule_;
    Tensor weights_;
};

TEST(TrainingCurve, IsThatOfPlainPyTorch) {
    torch::set_num_threads(1);
    const Recorded recorded;
    TextEncoder text_encoder(
        text_config(recorded["text_encoder.text_model.embeddings.token_embedding.weight"].size(0)));
    UNet unet(unet_config());
    recorded.load(*text_encoder, "text_encoder.");
    recorded.load(*unet, "unet.");
    text_encoder->split_rows(recorded["ids"]);
    Parameters trained = with_prefix("unet.", *unet);
    trained.merge(with_prefix("text_encoder.", *text_encoder));

    RecordedTrainer trainer(recorded, unet, text_encoder, trained,
                            {.steps = steps,
                             .batch = batch,
                             .learning_rate = 1e-3,
                             .warmup_steps = 10,
                             .weight_decay = 1e-3,
                             .adam_beta2 = 0.99,
                             .average_horizon = 20});
    const Tensor losses = recorded["losses"];
    ASSERT_EQ(losses.size(0), steps);
    for (int step = 0; step < steps; ++step)
        EXPECT_NEAR(trainer.step(step).loss, losses[step].item<double>(), 1e-5) << "step " << step;

    const Parameters averages = trainer.averages();
    int compared = 0;
    for (const auto& [name, view] : recorded.file.tensors()) {
        if (!name.starts_with("average.")) continue;
        const Tensor ours = averages.at(name.substr(8)), theirs = recorded[name];
        EXPECT_LE(((ours - theirs).norm() / theirs.norm()).item<double>(), 1e-4) << name;
        ++compared;
    }
    EXPECT_EQ(compared, 3);
}

}  // namespace
}  // namespace easel::train
