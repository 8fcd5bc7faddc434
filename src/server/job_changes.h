#pragma once

#include <functional>
#include <memory>

#include "server/routes.h"

namespace easel::server {

/// What an answer that reports a job's changes does with them.
struct JobChanges {
    /// Sends what there is to say of the job. Called after each change, by one worker at a time; changes in quick
    /// succession are one. The last call has a status that is over, after which the answer ends.
    std::function<void(const JobStatus& status)> report;
    /// Called when the client goes away before the job is over.
    std::function<void()> on_gone;
};

/// Answers a call with server-sent events about a job, until the job is over or the client is gone.
void answer_with_changes(const Call& call, const std::shared_ptr<Job>& job, JobChanges changes);

/// Of the answer above: sends an event. `fields` are lines before its data, such as "event: done\n".
void send_event(Exchange& exchange, const std::string& fields, const std::string& data);

}  // namespace easel::server
