#pragma once

#include <functional>
#include <memory>

#include "server/routes.h"

namespace easel::server {

/// Puts the job into the queue and answers the call when it is over: with what `respond` makes of it, called by a
/// worker, or with what went wrong. A client that goes away meanwhile cancels the job. Throws Refusal when the queue is
/// full.
void answer_when_over(const Call& call, const std::shared_ptr<Job>& job,
                      std::function<HttpResponse(const Job& job)> respond);

}  // namespace easel::server
