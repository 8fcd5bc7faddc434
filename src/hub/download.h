#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "hub/cache.h"
#include "hub/http.h"
#include "hub/retry.h"

namespace easel::hub {

/// A file that is to become a blob of the cache.
struct Download {
    std::string url;
    /// For messages.
    std::string file;
    std::uint64_t size = 0;
    std::string checksum;
};

/// What a partial download left, in bytes.
std::uint64_t bytes_there(const RepositoryFolder& folder, const std::string& checksum);

/// Downloads a file, resuming a partial download, and puts it in place once its size and checksum are right; a file
/// with the wrong ones is removed. The caller holds the blob's lock. `progress` is called with the bytes downloaded so
/// far. `check` throws for an unsuccessful answer (see check_status). Throws Error (disk full, wrong checksum, what
/// `check` throws), Unavailable after the last attempt, and Cancelled.
void download_blob(HttpClient& client, const RepositoryFolder& folder, const Download& download, Retries retries,
                   const std::function<void(std::uint64_t)>& progress, const std::function<void(const Reply&)>& check,
                   std::stop_token stop);

}  // namespace easel::hub
