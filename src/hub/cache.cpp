#include "hub/cache.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <random>

#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"
#include "base/output_file.h"
#include "hub/file_lock.h"

namespace easel::hub {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view folder_prefix = "models--";
constexpr std::string_view separator = "--";

std::string folder_name(const ModelName& model) {
    return fmt::format("{}{}{}{}", folder_prefix, model.owner, separator, model.name);
}

/// The model whose folder has this name; nothing for other folders and for names without an owner.
std::optional<ModelName> model_of_folder(std::string name) {
    if (!name.starts_with(folder_prefix)) return std::nullopt;
    name.erase(0, folder_prefix.size());
    const auto at = name.find(separator);
    if (at == std::string::npos) return std::nullopt;
    return parse_model_name(name.substr(0, at) + "/" + name.substr(at + separator.size()));
}

/// Every file and link below a folder, links not followed. What cannot be read is passed over.
template <typename Action>
void for_each_below(const fs::path& folder, Action&& action) {
    std::error_code failed;
    for (fs::recursive_directory_iterator entry(folder, failed), end; !failed && entry != end; entry.increment(failed))
        action(*entry);
}

std::uint64_t bytes_below(const fs::path& folder) {
    std::uint64_t bytes = 0;
    for_each_below(folder, [&](const fs::directory_entry& entry) {
        std::error_code failed;
        if (!fs::is_regular_file(entry.symlink_status(failed))) return;
        const auto size = entry.file_size(failed);
        if (!failed) bytes += size;
    });
    return bytes;
}

std::string first_line(const fs::path& path) {
    std::string line;
    std::getline(std::ifstream(path), line);
    return line;
}

void make_folders(const fs::path& folder) {
    std::error_code failed;
    fs::create_directories(folder, failed);
    if (failed) fail("{}: the folder cannot be made ({})", folder.string(), failed.message());
}

CachedModel look_at(const fs::path& folder, ModelName name) {
    CachedModel model{.name = std::move(name), .bytes = bytes_below(folder), .snapshots = {}};
    std::map<std::string, std::vector<std::string>> revisions_of;
    for_each_below(folder / "refs", [&](const fs::directory_entry& entry) {
        if (const std::string commit = first_line(entry.path()); is_commit(commit))
            revisions_of[commit].push_back(entry.path().lexically_relative(folder / "refs").generic_string());
    });
    std::error_code failed;
    for (fs::directory_iterator entry(folder / "snapshots", failed), end; !failed && entry != end;
         entry.increment(failed)) {
        const std::string commit = entry->path().filename().string();
        if (is_commit(commit)) model.snapshots.push_back({commit, revisions_of[commit]});
    }
    std::ranges::sort(model.snapshots, {}, &CachedModel::Snapshot::commit);
    return model;
}

}  // namespace

RepositoryFolder::RepositoryFolder(const fs::path& cache, const ModelName& model)
    : path(cache / folder_name(model)), locks(cache / ".locks" / folder_name(model)) {}

std::optional<std::string> RepositoryFolder::commit_of(const std::string& revision) const {
    if (is_commit(revision)) return revision;
    std::string commit = first_line(path / "refs" / revision);
    if (!is_commit(commit)) return std::nullopt;
    return commit;
}

void RepositoryFolder::set_commit_of(const std::string& revision, const std::string& commit) const {
    if (revision == commit || commit_of(revision) == commit) return;
    const fs::path ref = path / "refs" / revision;
    make_folders(ref.parent_path());
    write_text_file(ref, commit);
}

void RepositoryFolder::make() const {
    make_folders(path / "blobs");
    make_folders(locks);
}

void RepositoryFolder::link(const std::string& commit, const std::string& file, const std::string& checksum) const {
    const fs::path place = snapshot(commit) / file;
    make_folders(place.parent_path());
    const fs::path target = blob(checksum).lexically_relative(place.parent_path());
    // Renamed into place, for another process may make the same link now.
    const fs::path temporary = place.parent_path() / fmt::format(".{:08x}.link", std::random_device()());
    std::error_code failed;
    fs::create_symlink(target, temporary, failed);
    if (!failed) fs::rename(temporary, place, failed);
    if (failed) {
        std::error_code ignored;
        fs::remove(temporary, ignored);
        fail(
            "{}: the link to the downloaded file cannot be made ({}); set HF_HOME to a folder on a disk that has links",
            place.string(), failed.message());
    }
}

std::vector<std::string> files_in(const fs::path& snapshot) {
    std::vector<std::string> files;
    for_each_below(snapshot, [&](const fs::directory_entry& entry) {
        std::error_code failed;
        if (entry.is_regular_file(failed)) files.push_back(entry.path().lexically_relative(snapshot).generic_string());
    });
    std::ranges::sort(files);
    return files;
}

std::vector<CachedModel> cached_models(const fs::path& cache) {
    std::vector<CachedModel> models;
    std::error_code failed;
    for (fs::directory_iterator entry(cache, failed), end; !failed && entry != end; entry.increment(failed)) {
        auto name = model_of_folder(entry->path().filename().string());
        if (name) models.push_back(look_at(entry->path(), std::move(*name)));
    }
    std::ranges::sort(models, {}, [](const CachedModel& model) { return model.name.id(); });
    return models;
}

std::uint64_t remove_cached_model(const fs::path& cache, const ModelName& model) {
    const RepositoryFolder folder(cache, model);
    std::error_code failed;
    if (!fs::exists(fs::symlink_status(folder.path, failed)))
        fail("{}: is not in {}; `easel models` lists what is", model.id(), cache.string());

    std::vector<FileLock> held;
    for (fs::directory_iterator entry(folder.locks, failed), end; !failed && entry != end; entry.increment(failed)) {
        auto lock = FileLock::try_now(entry->path());
        if (!lock) fail("{}: another process is downloading it; wait for that one, or end it", model.id());
        held.push_back(std::move(*lock));
    }
    const std::uint64_t bytes = bytes_below(folder.path);
    fs::remove_all(folder.path, failed);
    if (failed) fail("{}: cannot be removed ({})", folder.path.string(), failed.message());
    std::error_code ignored;
    fs::remove_all(folder.locks, ignored);
    return bytes;
}

}  // namespace easel::hub
