#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "server/http.h"
#include "server/log.h"
#include "server/metrics.h"

namespace easel::server {

/// What is logged and counted of a request, once, when its answer is given or nobody works on it any more. Only one
/// thread works on a request at a time.
class RequestRecord {
  public:
    RequestRecord(const HttpRequest& request, Metrics& metrics, Log& log);
    ~RequestRecord() { end(); }
    RequestRecord(const RequestRecord&) = delete;
    RequestRecord& operator=(const RequestRecord&) = delete;

    /// The answer is given.
    void end();

    /// The client's X-Request-Id where it is fit for a log, else one of our own.
    const std::string id;
    /// The pattern of the endpoint's path.
    std::string_view route = "none";
    /// Of the answer; as nginx does, 499 where the client went away before there was one.
    int status = 499;
    /// The job's id, where there is one.
    std::string job;
    /// What went wrong in the server; empty where nothing did.
    std::string error;
    /// To be logged; empty unless the server logs prompts.
    std::string prompt;

  private:
    const std::string method_;
    bool is_over_ = false;
    Metrics& metrics_;
    Log& log_;
    const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

}  // namespace easel::server
