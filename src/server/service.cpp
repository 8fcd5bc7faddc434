#include "server/service.h"

#include <utility>

#include "server/named_files.h"
#include "server/random_id.h"

namespace easel::server {
namespace {

constexpr int worker_threads = 2;
constexpr std::size_t most_named_tasks = 64;

std::string prefix_of(const ServerOptions& options) {
    return options.server_id.empty() ? std::string() : options.server_id + "-";
}

/// With the server's refiner among the models, where clients can name it as in the web UI.
std::function<std::vector<NamedModel>()> models_of(const ServerOptions& options) {
    if (options.engine.refiner.empty()) return options.find_models;
    return [find = options.find_models, refiner = options.engine.refiner] {
        std::vector<NamedModel> models = find ? find() : std::vector<NamedModel>();
        models.push_back({.title = "", .path = refiner});
        return models;
    };
}

}  // namespace

void NamedTasks::add(std::string name, const std::shared_ptr<Job>& job) {
    const std::lock_guard lock(mutex_);
    tasks_.emplace_back(std::move(name), job);
    if (tasks_.size() > most_named_tasks) tasks_.pop_front();
}

NamedTask NamedTasks::find(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    for (auto task = tasks_.rbegin(); task != tasks_.rend(); ++task)
        if (task->first == name) return {true, task->second.lock()};
    return {};
}

Service::Service(const ServerOptions& options)
    : id_prefix_(prefix_of(options)),
      logs_prompts_(options.logs_prompts),
      guard(options.guard),
      collection(options.collection),
      log(options.log),
      models(options.engine.model, models_of(options)),
      queue(options.queue, options.most_per_client),
      pictures(id_prefix_),
      tokenizers(options.engine.tokenizer),
      workers(worker_threads) {}

SdapiDefaults Service::defaults() const {
    const std::lock_guard lock(mutex_);
    return defaults_;
}

void Service::set_defaults(const SdapiDefaults& defaults) {
    const std::lock_guard lock(mutex_);
    defaults_ = defaults;
}

std::shared_ptr<Job> Service::make_job(Drawing drawing, const std::string& client) {
    const bool draws = drawing.task == Drawing::Task::draw;
    if (draws) add_named_files(drawing.request, collection);
    const auto job = std::make_shared<Job>(id_prefix_ + random_id(), std::move(drawing), client);
    // The job does not hold itself: it holds this until it is over.
    if (draws) job->when_over([this, weak = std::weak_ptr(job)] { metrics.count_job(weak.lock()->status()); });
    return job;
}

std::shared_ptr<Job> Service::make_job(Drawing drawing) { return make_job(std::move(drawing), std::string()); }

std::shared_ptr<Job> Service::make_job(Drawing drawing, const HttpRequest& request, RequestRecord& record) {
    auto job = make_job(std::move(drawing), request.client);
    record.job = job->id();
    if (logs_prompts_) record.prompt = job->drawing().request.prompt;
    return job;
}

}  // namespace easel::server
