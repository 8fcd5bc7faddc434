#include "server/service.h"

#include <utility>

#include "server/random_id.h"

namespace easel::server {
namespace {

constexpr int worker_threads = 2;
constexpr std::size_t most_named_tasks = 64;

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

Service::Service(const std::filesystem::path& model, std::function<std::vector<std::filesystem::path>()> find_models,
                 std::size_t queue_capacity, GuardOptions admission)
    : guard(std::move(admission)),
      models(model, std::move(find_models)),
      queue(queue_capacity),
      workers(worker_threads) {}

SdapiDefaults Service::defaults() const {
    const std::lock_guard lock(mutex_);
    return defaults_;
}

void Service::set_defaults(const SdapiDefaults& defaults) {
    const std::lock_guard lock(mutex_);
    defaults_ = defaults;
}

std::shared_ptr<Job> Service::make_job(Drawing drawing) const {
    return std::make_shared<Job>(random_id(), std::move(drawing));
}

}  // namespace easel::server
