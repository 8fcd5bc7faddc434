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

/// How far a download is: bytes of all the files that were not there when it began, what an earlier attempt left of
/// them counted as done.
struct DownloadProgress {
    /// The one that is downloaded now.
    std::string file;
    std::uint64_t done = 0;
    std::uint64_t total = 0;
};

/// What is called while models are looked for. Either may be empty.
struct Callbacks {
    std::function<void(const DownloadProgress&)> progress;
    /// Something the person should know that is no error: the hub asks to wait, another process downloads the same, ...
    std::function<void(const std::string&)> note;
};

/// A model in the cache.
struct PulledModel {
    /// What to open: the snapshot's folder, or the file of a single-file model in it.
    std::filesystem::path path;
    std::string commit;
    /// What was missing and is there now, in bytes; 0 when all was there.
    std::uint64_t downloaded = 0;
};

/// Brings a model's needed files into the cache, in the state that the hub has now. Where the hub cannot be reached and
/// the cache has the model as a whole, that is used, with a note. Throws Error, and Cancelled when `stop` was used;
/// what was downloaded until then is kept.
PulledModel pull(const ModelName& model, const Wanted& wanted, const Options& options, const Callbacks& callbacks,
                 std::stop_token stop);

/// The model in the cache, without a look at the hub, where it is there as a whole; throws Error with what is missing.
PulledModel find_in_cache(const ModelName& model, const Wanted& wanted, const Options& options);

/// What to open for a model's name: as find_in_cache() has it, else pulled.
std::filesystem::path find_model(const ModelName& model, const Options& options, const Callbacks& callbacks,
                                 std::stop_token stop);

}  // namespace easel::hub
