#include <utility>

#include <easel/easel.h>

#include "pipeline/generate.h"
#include "pipeline/model.h"
#include "pipeline/stages.h"
#include "settings/parameters.h"
#include "settings/settings.h"

namespace easel {

class Engine::Implementation {
  public:
    explicit Implementation(const EngineOptions& options) : model(options) {}
    Model model;
};

Engine::Engine(const EngineOptions& options, const Callbacks& callbacks) {
    const StageReport report(callbacks, Stage::load);
    implementation_ = std::make_unique<Implementation>(options);
    for (const std::string& sentence : implementation_->model.facts().notes)
        if (callbacks.note) callbacks.note(sentence);
    report.done();
}

Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

Result Engine::generate(const Request& request, const Callbacks& callbacks, std::stop_token stop) {
    return easel::generate(request, implementation_->model, callbacks, std::move(stop));
}

std::string Engine::parameters(const Request& request) const {
    const Model& model = implementation_->model;
    return parameters_text(complete(request, model.facts(), model.defaults()), model.facts().identity.name,
                           model.precision());
}

std::string Engine::precision() const { return implementation_->model.precision(); }

}  // namespace easel
