#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "hub/model_name.h"

/// The cache of models, laid out as the Python library huggingface_hub does it, so that each finds what the other
/// downloaded:
///
///     models--owner--name/
///       blobs/<checksum>            contents; <checksum>.incomplete while one is downloaded
///       refs/<revision>             the commit that a branch or tag stood for
///       snapshots/<commit>/<path>   symbolic links to blobs
///     .locks/models--owner--name/<checksum>.lock
namespace easel::hub {

/// The place of one repository in the cache, whether it exists or not.
struct RepositoryFolder {
    RepositoryFolder(const std::filesystem::path& cache, const ModelName& model);

    std::filesystem::path path;
    std::filesystem::path locks;

    std::filesystem::path blob(const std::string& checksum) const { return path / "blobs" / checksum; }
    std::filesystem::path incomplete(const std::string& checksum) const { return blob(checksum + ".incomplete"); }
    std::filesystem::path lock(const std::string& checksum) const { return locks / (checksum + ".lock"); }
    std::filesystem::path snapshot(const std::string& commit) const { return path / "snapshots" / commit; }

    /// The commit that a revision stood for when it was downloaded; a commit stands for itself.
    std::optional<std::string> commit_of(const std::string& revision) const;
    /// Remembers it. Throws Error when it cannot be written.
    void set_commit_of(const std::string& revision, const std::string& commit) const;

    /// Makes the folders for blobs and locks. Throws Error when they cannot be made.
    void make() const;

    /// Makes snapshots/<commit>/<file> a link to a blob. Throws Error when it cannot be made.
    void link(const std::string& commit, const std::string& file, const std::string& checksum) const;
};

/// The files below a snapshot, by names with "/", whose content is really there.
std::vector<std::string> files_in(const std::filesystem::path& snapshot);

/// A repository in the cache.
struct CachedModel {
    /// With the revision "main".
    ModelName name;
    /// On the disk, partial downloads included.
    std::uint64_t bytes = 0;
    struct Snapshot {
        std::string commit;
        /// The branches and tags that stand for it.
        std::vector<std::string> revisions;
    };
    std::vector<Snapshot> snapshots;
};

/// All repositories of models in the cache, in the order of their names. A missing cache is empty.
std::vector<CachedModel> cached_models(const std::filesystem::path& cache);

/// Removes a repository with all its snapshots. Throws Error if it does not exist or is being downloaded to. Returns
/// the number of bytes freed.
std::uint64_t remove_cached_model(const std::filesystem::path& cache, const ModelName& model);

}  // namespace easel::hub
