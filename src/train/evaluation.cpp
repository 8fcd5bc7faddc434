#include "train/evaluation.h"

#include <algorithm>

#include <ATen/CPUGeneratorImpl.h>

#include <easel/error.h>

#include "train/algorithm.h"
#include "train/encoded_data.h"

namespace easel::train {
namespace {

constexpr std::int64_t pictures_at_once = 64;
constexpr std::int64_t thumbnail_side = 32;
constexpr std::uint64_t choice_seed = 7, noise_seed = 5;

/// Calls `visit` with parts of `numbers`, each of a size that fits in memory.
template <typename Visit>
void in_parts(const Tensor& numbers, const std::stop_token& stop, Visit visit) {
    const torch::NoGradGuard no_grad;
    for (const Tensor& part : numbers.split(pictures_at_once)) {
        if (stop.stop_requested()) throw Cancelled();
        visit(part);
    }
}

/// How much neighbouring pixels differ, all in all.
double edges(const Tensor& x) {
    const auto differences = [&](std::int64_t dimension) {
        const std::int64_t side = x.size(dimension) - 1;
        return (x.narrow(dimension, 1, side) - x.narrow(dimension, 0, side)).abs().mean({1, 2, 3}).sum();
    };
    return (differences(2) + differences(3)).item<double>();
}

}  // namespace

Tensor chosen_pictures(const DataFile& data, std::int64_t count) {
    at::Generator generator = at::detail::createCPUGenerator(choice_seed);
    const Tensor all = torch::randperm(data.count(), generator, torch::kLong);
    return all.narrow(0, 0, std::min(count, data.count()));
}

Tensor through_autoencoder(Autoencoder& vae, const DataFile& data, const Tensor& pictures, torch::Device device,
                           std::stop_token stop) {
    std::vector<Tensor> decoded;
    in_parts(pictures, stop, [&](const Tensor& some) {
        const Tensor shown = data.pictures(some).to(device).contiguous(torch::MemoryFormat::ChannelsLast);
        decoded.push_back(vae->decode(vae->encode(shown).mean).clamp(-1, 1).to(torch::kCPU));
    });
    return torch::cat(decoded);
}

double psnr(Autoencoder& vae, const DataFile& data, const Tensor& pictures, torch::Device device,
            std::stop_token stop) {
    const Tensor differences =
        (through_autoencoder(vae, data, pictures, device, std::move(stop)) - data.pictures(pictures)) / 2;
    return (-10 * differences.square().mean({1, 2, 3}).log10()).mean().item<double>();
}

std::vector<std::string> first_captions(const DataFile& data, const Tensor& pictures) {
    std::vector<std::string> captions;
    for (std::int64_t i = 0; i < pictures.size(0); ++i) {
        const auto picture = static_cast<std::size_t>(pictures[i].item<std::int64_t>());
        captions.push_back(data.captions().at(static_cast<std::size_t>(data.caption_begins().at(picture))));
    }
    return captions;
}

std::array<double, 10> losses_by_timestep(Model& model, const DataFile& data, const Tensor& pictures,
                                          torch::Device device, std::stop_token stop) {
    check_pictures_fit(data, model.stored.vae.config);
    const NoiseSchedule schedule(model.scheduler(), device);
    std::array<double, 10> sums{};
    at::Generator generator = at::detail::createCPUGenerator(noise_seed);
    in_parts(pictures, stop, [&](const Tensor& some) {
        const Tensor shown = data.pictures(some).to(device).contiguous(torch::MemoryFormat::ChannelsLast);
        const VaeConfig& vae = model.stored.vae.config;
        const Tensor latents = (model.vae->encode(shown).mean.contiguous() - vae.shift_factor) * vae.scaling_factor;
        const Tensor ids = token_ids(model, first_captions(data, some));
        const Tensor text = model.text_encoder(ids.to(device, torch::kLong));
        for (std::size_t tenth = 0; tenth < sums.size(); ++tenth) {
            const auto bound = [&](std::size_t i) {
                return schedule.timesteps() * static_cast<std::int64_t>(i) / static_cast<std::int64_t>(sums.size());
            };
            const Tensor timesteps =
                torch::randint(bound(tenth), bound(tenth + 1), {some.size(0)}, generator, torch::kLong);
            const Tensor noise = torch::randn(latents.sizes(), generator);
            const Draws draws{.timesteps = timesteps.to(device), .noise = noise.to(device)};
            sums[tenth] += squared_errors(model.unet, schedule, latents, text, draws).sum().item<double>();
        }
    });
    for (double& sum : sums) sum /= static_cast<double>(pictures.size(0));
    return sums;
}

Tensor thumbnails(const Tensor& pictures) {
    return (torch::adaptive_avg_pool2d(pictures, {thumbnail_side, thumbnail_side}).clamp(-1, 1) + 1).flatten(1) / 2;
}

Likeness likeness(const Tensor& pictures, const Tensor& meant, const Tensor& all, const Tensor& places) {
    constexpr double rounding = 1e-4;
    const Tensor distances = torch::cdist(thumbnails(pictures), all, /*p=*/1);
    const Tensor own = distances.gather(1, places.unsqueeze(1));
    const Tensor nearer = (distances < own - rounding).sum(1);
    const auto share = [&](int count) { return (nearer < count).to(torch::kDouble).mean().item<double>(); };
    return {.top1 = share(1), .top5 = share(5), .edges = edges(pictures) / edges(meant)};
}

}  // namespace easel::train
