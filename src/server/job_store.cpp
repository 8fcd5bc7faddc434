#include "server/job_store.h"

#include "server/refusal.h"

namespace easel::server {
namespace {

std::size_t bytes_of(const Job& job) {
    std::size_t bytes = 0;
    for (const auto& picture : job.status().pictures) bytes += picture->picture.pixels.size();
    return bytes;
}

}  // namespace

void JobStore::drop_old() {
    const auto now = Clock::now();
    std::size_t bytes = 0;
    for (auto entry = jobs_.begin(); entry != jobs_.end();) {
        Entry& kept = entry->second;
        if (!kept.over && kept.job->status().is_over()) {
            kept.over = now;
            kept.bytes = bytes_of(*kept.job);
        }
        if (kept.over && now - *kept.over > kept_for) {
            entry = jobs_.erase(entry);
        } else {
            bytes += kept.bytes;
            ++entry;
        }
    }
    while (bytes > most_bytes) {
        auto oldest = jobs_.end();
        for (auto entry = jobs_.begin(); entry != jobs_.end(); ++entry)
            if (entry->second.over && (oldest == jobs_.end() || entry->second.over < oldest->second.over))
                oldest = entry;
        if (oldest == jobs_.end()) break;
        bytes -= oldest->second.bytes;
        jobs_.erase(oldest);
    }
    std::erase_if(keys_, [&](const auto& key) { return now - key.second.since > kept_for; });
}

void JobStore::add(const std::shared_ptr<Job>& job) {
    const std::lock_guard lock(mutex_);
    drop_old();
    jobs_[job->id()] = {.job = job};
}

std::shared_ptr<Job> JobStore::find(const std::string& id) {
    const std::lock_guard lock(mutex_);
    drop_old();
    const auto found = jobs_.find(id);
    return found == jobs_.end() ? nullptr : found->second.job;
}

void JobStore::remove(const std::string& id) {
    const std::lock_guard lock(mutex_);
    jobs_.erase(id);
}

std::shared_ptr<Job> JobStore::find_by_key(const std::string& key, const std::string& request) {
    const std::lock_guard lock(mutex_);
    drop_old();
    const auto found = keys_.find(key);
    if (found == keys_.end()) return nullptr;
    if (found->second.request != request)
        refuse_with(422, "this Idempotency-Key came with another request before; use a new one");
    return found->second.job;
}

void JobStore::remember_key(const std::string& key, const std::string& request, const std::shared_ptr<Job>& job) {
    const std::lock_guard lock(mutex_);
    keys_[key] = {request, job, Clock::now()};
}

}  // namespace easel::server
