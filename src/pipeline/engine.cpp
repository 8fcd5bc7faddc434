#include <filesystem>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include <easel/easel.h>

#include "base/error.h"
#include "diffusion/sampler_kind.h"
#include "diffusion/scheduler_names.h"
#include "pipeline/generate.h"
#include "pipeline/latents.h"
#include "pipeline/model.h"
#include "pipeline/refiner.h"
#include "pipeline/stages.h"
#include "settings/dynamic_prompt.h"
#include "settings/parameters.h"
#include "settings/settings.h"

namespace easel {
namespace {

template <typename Work>
auto with_memory_errors(Work work) {
    try {
        return work();
    } catch (const std::bad_alloc&) {
        fail(ErrorKind::no_memory, "there is not enough memory for this; try a smaller `width` and `height`");
    }
}

}  // namespace

class Engine::Implementation {
  public:
    Implementation(const EngineOptions& options, const std::stop_token& stop)
        : refiner(options.refiner.empty() ? nullptr
                                          : new OpenedModel{.model = Model(options_of_refiner(options), stop)}),
          opened{.model = Model(options, stop)},
          wildcard_dir(options.wildcard_dir) {
        if (refiner) check_refines(opened.model.facts(), refiner->model.facts());
    }

    /// With the choices in its prompts made.
    Settings settings_of(const Request& request) const {
        const Model& model = opened.model;
        Settings settings =
            complete(request, model.facts(), model.defaults(), refiner ? &refiner->model.facts() : nullptr);
        make_choices(settings, settings.seed, wildcard_dir);
        if (settings.prompt != request.prompt) settings.notes.push_back("the prompt became: " + settings.prompt);
        return settings;
    }

    /// Throws Error if a weight of its models is not a number.
    void check_weights() const {
        auto weight = opened.model.weight_that_is_not_finite();
        if (!weight && refiner) weight = refiner->model.weight_that_is_not_finite();
        if (weight)
            fail(ErrorKind::damaged, "{} holds a number that is NaN or infinite; get the file again, or another one",
                 *weight);
    }

    /// What draws the last steps; null if there is none.
    std::unique_ptr<OpenedModel> refiner;
    OpenedModel opened;
    std::filesystem::path wildcard_dir;
};

Engine::Engine(const EngineOptions& options, const Callbacks& callbacks, std::stop_token stop) {
    const StageReport report(callbacks, Stage::load);
    implementation_ = with_memory_errors([&] { return std::make_unique<Implementation>(options, stop); });
    const auto tell = [&](const std::vector<std::string>& sentences) {
        for (const std::string& sentence : sentences)
            if (callbacks.note) callbacks.note(sentence);
    };
    tell(implementation_->opened.model.facts().notes);
    tell(implementation_->opened.model.defaults_notes());
    if (implementation_->refiner) tell(implementation_->refiner->model.facts().notes);
    report.done();
}

Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

Result Engine::generate(const Request& request, const Callbacks& callbacks, std::stop_token stop) {
    try {
        return with_memory_errors([&] {
            return easel::generate(implementation_->settings_of(request), implementation_->opened,
                                   implementation_->refiner.get(), callbacks, stop);
        });
    } catch (const NotFinite&) {
        // Another precision does not help against a weight that is not a number.
        implementation_->check_weights();
        throw;
    }
}

std::string Engine::parameters(const Request& request) const {
    const Model& model = implementation_->opened.model;
    Settings settings = implementation_->settings_of(request);
    read_prompts(settings, model.tokenizer(), OpenEmbeddings().open(settings.embeddings, model.facts()),
                 /*needs_uncond=*/false, model.tokenizer_2());
    settings.lora_hashes = hashes_of(settings.loras);
    return parameters_text(settings, model.facts().identity.name, model.precision());
}

ModelInfo Engine::info() const {
    const Model& model = implementation_->opened.model;
    const ModelFacts& facts = model.facts();
    const Settings settings = complete({}, facts, model.defaults());
    return {.name = facts.identity.name,
            .family = facts.identity.family,
            .layout = facts.identity.layout,
            .vae = facts.identity.vae,
            .weight_bytes = facts.identity.weight_bytes,
            .native_width = settings.size.width,
            .native_height = settings.size.height,
            .fixed_size = facts.sizes.fixed,
            .prediction_type = std::string(name(settings.plan.config.prediction_type)),
            .sampler = std::string(settings.plan.config.sampler->name),
            .num_inference_steps = settings.num_inference_steps,
            .guidance_scale = settings.guidance_scale,
            .precision = model.precision(),
            .notes = facts.notes};
}

std::string Engine::precision() const { return implementation_->opened.model.precision(); }

}  // namespace easel
