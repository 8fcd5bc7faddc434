#include "hub/pull.h"

#include <algorithm>
#include <limits>
#include <set>

#include <fmt/format.h>

#include "base/error.h"
#include "hub/cache.h"
#include "hub/download.h"
#include "hub/file_lock.h"
#include "hub/repository.h"
#include "hub/size_text.h"

namespace easel::hub {
namespace fs = std::filesystem;
namespace {

std::uint64_t saturating_sum(std::uint64_t a, std::uint64_t b) {
    const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    return a > most - b ? most : a + b;
}

bool is_whole(const fs::path& path, std::uint64_t size) {
    std::error_code failed;
    return fs::is_regular_file(path, failed) && fs::file_size(path, failed) == size && !failed;
}

fs::path path_to_open(const FileChoice& choice, const fs::path& snapshot) {
    if (choice.kind == FileChoice::Kind::single_file) return snapshot / choice.files.front();
    if (choice.kind != FileChoice::Kind::included) return snapshot;
    try {
        return path_to_open(choose_files(files_in(snapshot), {}, snapshot.string()), snapshot);
    } catch (const Error&) {
        return snapshot;  // what was asked for is no model by itself
    }
}

/// One pull of one model.
class Pull {
  public:
    Pull(const ModelName& model, const Options& options, const Callbacks& callbacks, std::stop_token stop)
        : model_(model),
          options_(options),
          callbacks_(callbacks),
          stop_(stop),
          folder_(options.cache, model),
          client_(options, std::move(stop)) {}

    PulledModel run(const Wanted& wanted) {
        const Listing listing = with_retries(retries(), [&] { return list_files(client_, options_, model_); });
        const FileChoice choice = choose(listing, wanted);
        const std::vector<RemoteFile> missing = missing_files(listing, choice);
        check_space(missing);
        if (!missing.empty()) folder_.make();
        for (const RemoteFile& file : missing) fetch(listing.commit, file);
        folder_.set_commit_of(model_.revision, listing.commit);
        return {.path = path_to_open(choice, folder_.snapshot(listing.commit)),
                .commit = listing.commit,
                .downloaded = total_};
    }

  private:
    Retries retries() const {
        return {options_.retry, stop_, [this](const std::string& sentence) { note(sentence); }};
    }

    void note(const std::string& sentence) const {
        if (callbacks_.note) callbacks_.note(sentence);
    }

    void report(const std::string& file, std::uint64_t bytes_of_file) const {
        if (callbacks_.progress) callbacks_.progress({file, done_ + bytes_of_file, total_});
    }

    FileChoice choose(const Listing& listing, const Wanted& wanted) const {
        std::vector<std::string> names;
        for (const RemoteFile& file : listing.files) names.push_back(file.path);
        return choose_files(names, wanted, fmt::format("{} on {}", model_.text(), options_.endpoint));
    }

    /// The chosen files that the snapshot does not have, in the order of the choice, with size and checksum.
    std::vector<RemoteFile> missing_files(const Listing& listing, const FileChoice& choice) {
        std::vector<RemoteFile> missing;
        for (const std::string& name : choice.files) {
            RemoteFile file = *std::ranges::find(listing.files, name, &RemoteFile::path);
            with_retries(retries(), [&] { complete_from_headers(client_, options_, model_, listing.commit, file); });
            if (!is_whole(folder_.snapshot(listing.commit) / name, *file.size)) missing.push_back(std::move(file));
        }
        return missing;
    }

    /// Adds up what is to be downloaded, and throws when the disk has no place for it.
    void check_space(const std::vector<RemoteFile>& missing) {
        std::uint64_t already = 0;
        std::set<std::string> counted;
        for (const RemoteFile& file : missing) {
            if (is_whole(folder_.blob(file.checksum), *file.size) || !counted.insert(file.checksum).second) continue;
            total_ = saturating_sum(total_, *file.size);
            already += std::min(bytes_there(folder_, file.checksum), *file.size);
        }
        fs::path existing = fs::absolute(folder_.path);
        std::error_code failed;
        while (!fs::exists(existing, failed) && existing.has_relative_path()) existing = existing.parent_path();
        const fs::space_info space = fs::space(existing, failed);
        if (failed || total_ - already <= space.available) return;
        fail("{}: {} are to be downloaded and {} has {} free; make room, or set HF_HOME to a folder on another disk",
             model_.text(), size_text(total_ - already), existing.string(), size_text(space.available));
    }

    /// Downloads a file unless its blob is there, and links it into the snapshot.
    void fetch(const std::string& commit, const RemoteFile& file) {
        const FileLock lock = FileLock::wait(folder_.lock(file.checksum), stop_, [&] {
            note(fmt::format("another process is downloading {}; waiting for it", file.path));
        });
        if (!is_whole(folder_.blob(file.checksum), *file.size)) {
            const Download download{.url = file_url(options_, model_, commit, file.path),
                                    .file = model_.text() + ": " + file.path,
                                    .size = *file.size,
                                    .checksum = file.checksum};
            download_blob(
                client_, folder_, download, retries(), [&](std::uint64_t bytes) { report(file.path, bytes); },
                [&](const Reply& reply) { check_status(reply, options_, model_, file.path); }, stop_);
            done_ += *file.size;
        }
        folder_.link(commit, file.path, file.checksum);
    }

    const ModelName& model_;
    const Options& options_;
    const Callbacks& callbacks_;
    std::stop_token stop_;
    RepositoryFolder folder_;
    HttpClient client_;
    std::uint64_t done_ = 0, total_ = 0;
};

}  // namespace

PulledModel find_in_cache(const ModelName& model, const Wanted& wanted, const Options& options) {
    const RepositoryFolder folder(options.cache, model);
    const auto commit = folder.commit_of(model.revision);
    std::error_code failed;
    if (!commit || !fs::is_directory(folder.snapshot(*commit), failed))
        fail("{}: is not in {}", model.text(), options.cache.string());
    const fs::path snapshot = folder.snapshot(*commit);
    const FileChoice choice = choose_files(files_in(snapshot), wanted, snapshot.string());
    return {.path = path_to_open(choice, snapshot), .commit = *commit};
}

PulledModel pull(const ModelName& model, const Wanted& wanted, const Options& options, const Callbacks& callbacks,
                 std::stop_token stop) {
    if (options.offline) {
        try {
            return find_in_cache(model, wanted, options);
        } catch (const Error& missing) {
            fail(ErrorKind::not_found,
                 "{}, and nothing is downloaded while EASEL_OFFLINE, HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE is set",
                 missing.what());
        }
    }
    try {
        return Pull(model, options, callbacks, std::move(stop)).run(wanted);
    } catch (const Unavailable& reason) {
        PulledModel cached;
        try {
            cached = find_in_cache(model, wanted, options);
        } catch (const Error&) {
            fail("{}; try again later, and check the network, the proxy and HF_ENDPOINT", reason.what());
        }
        if (callbacks.note)
            callbacks.note(fmt::format("{}; what is in the cache is used, commit {}", reason.what(), cached.commit));
        return cached;
    }
}

fs::path find_model(const ModelName& model, const Options& options, const Callbacks& callbacks, std::stop_token stop) {
    try {
        return find_in_cache(model, {}, options).path;
    } catch (const Error&) {
        return pull(model, {}, options, callbacks, std::move(stop)).path;
    }
}

}  // namespace easel::hub
