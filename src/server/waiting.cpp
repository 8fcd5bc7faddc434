#include "server/waiting.h"

#include <utility>

namespace easel::server {

void answer_when_over(const Call& call, const std::shared_ptr<Job>& job,
                      std::function<HttpResponse(const Job& job)> respond) {
    call.service.queue.add(job);
    call.exchange->when_gone([&service = call.service, weak = std::weak_ptr(job)] {
        if (const auto waiting = weak.lock()) service.queue.cancel(*waiting);
    });
    // The job does not hold itself: it holds this until it is over.
    job->when_over([call, weak = std::weak_ptr(job), respond = std::move(respond)] {
        call.service.workers.run([call, finished = weak.lock(), respond] {
            try {
                if (const auto thrown = finished->status().thrown) std::rethrow_exception(thrown);
                answer(call, respond(*finished));
            } catch (...) {
                answer_failure(call, std::current_exception());
            }
        });
    });
}

}  // namespace easel::server
