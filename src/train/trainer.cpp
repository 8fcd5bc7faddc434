#include "train/trainer.h"

#include <cmath>

#include "base/error.h"

namespace easel::train {
namespace {

const TrainingOptions& checked(const TrainingOptions& options) {
    const auto at_least = [](const char* field, auto value, auto least) {
        if (!(value >= least)) refuse_value(field, value, "give a number of {} or more", least);
    };
    at_least("steps", options.steps, 1);
    at_least("batch", options.batch, 1);
    at_least("accumulation", options.accumulation, 1);
    at_least("warmup_steps", options.warmup_steps, 0);
    at_least("weight_decay", options.weight_decay, 0.0);
    const auto share = [](const char* field, double value) {
        if (!(value >= 0 && value < 1)) refuse_value(field, value, "give a number of 0 or more and below 1");
    };
    share("adam_beta1", options.adam_beta1);
    share("adam_beta2", options.adam_beta2);
    at_least("max_gradient", options.max_gradient, 0.0);
    at_least("average_horizon", options.average_horizon, 1.0);
    if (!(options.learning_rate > 0) || std::isinf(options.learning_rate))
        refuse_value("learning_rate", options.learning_rate, "give a number above 0, such as 1e-4");
    if (options.batch % options.accumulation != 0)
        refuse_value("accumulation", options.accumulation, "a batch of {} does not go into as many equal parts",
                     options.batch);
    return options;
}

std::vector<Parameters> parameters_of(const std::vector<ParameterGroup>& groups) {
    std::vector<Parameters> parameters;
    for (const ParameterGroup& group : groups) parameters.push_back(group.parameters);
    return parameters;
}

std::vector<AdamW::Group> adamw_groups(const std::vector<ParameterGroup>& groups, const FlatParameters& parameters,
                                       double weight_decay) {
    std::vector<AdamW::Group> result;
    for (std::size_t i = 0; i < groups.size(); ++i)
        result.push_back({.length = parameters.lengths()[i],
                          .rate = groups[i].rate,
                          .weight_decay = groups[i].is_decayed ? weight_decay : 0.0});
    return result;
}

}  // namespace

NotANumber::NotANumber(std::int64_t step)
    : Error(ErrorKind::failed,
            fmt::format("step {}: the loss is no longer a number; the weights before it are saved; try a lower "
                        "`learning_rate`",
                        step + 1)) {}

Trainer::Trainer(const std::vector<ParameterGroup>& groups, const TrainingOptions& options)
    : options_(checked(options)),
      learning_rate_{.peak = options.learning_rate, .warmup_steps = options.warmup_steps, .steps = options.steps},
      parameters_(parameters_of(groups)),
      adamw_(parameters_.values(), {.beta1 = options.adam_beta1, .beta2 = options.adam_beta2},
             adamw_groups(groups, parameters_, options.weight_decay)),
      average_(parameters_.values(), options.average_horizon) {}

void Trainer::share_with(Ranks ranks) {
    if (const std::int64_t parts = options_.accumulation * ranks.count(); options_.batch % parts != 0)
        refuse_value("ranks", ranks.count(), "a batch of {} does not go into {} equal parts", options_.batch, parts);
    ranks_ = std::move(ranks);
}

std::vector<Trainer::Part> Trainer::parts() const {
    const std::int64_t length = options_.batch / (options_.accumulation * ranks_.count());
    std::vector<Part> parts;
    for (std::int64_t i = 0; i < options_.accumulation; ++i)
        parts.push_back({.begin = (ranks_.rank() * options_.accumulation + i) * length, .length = length});
    return parts;
}

Trainer::Report Trainer::step(std::int64_t step) {
    parameters_.gradient().zero_();
    Report report{.loss = backward(step), .learning_rate = learning_rate_.at(step)};

    if (ranks_.count() > 1) {
        ranks_.sum(parameters_.gradient());
        torch::Tensor loss = torch::full({1}, report.loss, torch::kDouble);
        ranks_.sum(loss);
        report.loss = loss.item<double>();
    }
    report.gradient_norm = parameters_.gradient().norm().item<double>();
    if (!std::isfinite(report.loss) || !std::isfinite(report.gradient_norm)) throw NotANumber(step);
    if (options_.max_gradient > 0 && report.gradient_norm > options_.max_gradient)
        parameters_.gradient().mul_(options_.max_gradient / report.gradient_norm);

    adamw_.step(parameters_.values(), parameters_.gradient(), report.learning_rate);
    average_.update(parameters_.values(), step);
    return report;
}

void Trainer::with_averages(const std::function<void()>& look) {
    const torch::NoGradGuard no_grad;
    const torch::Tensor weights = parameters_.values().clone();
    parameters_.values().copy_(average_.values());
    try {
        look();
    } catch (...) {
        parameters_.values().copy_(weights);
        throw;
    }
    parameters_.values().copy_(weights);
}

std::map<std::string, torch::Tensor> Trainer::state() {
    return {{"weights", parameters_.values()},
            {"average", average_.values()},
            {"adamw.first_moment", adamw_.state().first_moment},
            {"adamw.second_moment", adamw_.state().second_moment}};
}

void Trainer::restore(const RunState& state) {
    const torch::NoGradGuard no_grad;
    for (auto& [name, tensor] : this->state()) {
        const auto saved = state.tensors.find(name);
        if (saved == state.tensors.end() || saved->second.sizes() != tensor.sizes())
            fail(ErrorKind::damaged, "the checkpoint's {} are not those of this model", name);
        tensor.copy_(saved->second);
    }
    adamw_.state().steps = state.step;
}

}  // namespace easel::train
