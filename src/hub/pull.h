#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

#include "hub/file_choice.h"
#include "hub/model_name.h"
#include "hub/options.h"
#include "hub/retry.h"

namespace easel::hub {

/// The progress of a download: bytes of all files that were missing when it began; what an earlier attempt left counts
/// as done.
struct DownloadProgress {
    /// The file that is being downloaded.
    std::string file;
    std::uint64_t done = 0;
    std::uint64_t total = 0;
};

/// Called while models are looked up and downloaded. Either may be empty.
struct Callbacks {
    std::function<void(const DownloadProgress&)> progress;
    /// Something the person should know that is not an error: the hub asks to wait, another process downloads the same
    /// file, ...
    std::function<void(const std::string&)> note;
};

/// A model in the cache.
struct PulledModel {
    /// What to open: the snapshot's folder, or the file of a single-file model in it.
    std::filesystem::path path;
    std::string commit;
    /// The bytes that were downloaded; 0 if everything was in the cache.
    std::uint64_t downloaded = 0;
};

/// Downloads the files that a model needs into the cache, in their current state on the hub. If the hub cannot be
/// reached and the cache has the complete model, that is used, with a note. Throws Error, and Cancelled if `stop` is
/// requested; what was downloaded until then is kept.
PulledModel pull(const ModelName& model, const Wanted& wanted, const Options& options, const Callbacks& callbacks,
                 std::stop_token stop);

/// The complete model in the cache, without contacting the hub. Throws Error with what is missing.
PulledModel find_in_cache(const ModelName& model, const Wanted& wanted, const Options& options);

/// What to open for a model's name: from find_in_cache(), else from pull().
std::filesystem::path find_model(const ModelName& model, const Options& options, const Callbacks& callbacks,
                                 std::stop_token stop);

}  // namespace easel::hub
