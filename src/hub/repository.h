#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub/http.h"
#include "hub/model_name.h"

namespace easel::hub {

/// A file of a repository. Its path is_safe_path().
struct RemoteFile {
    std::string path;
    std::optional<std::uint64_t> size;
    /// is_checksum(); empty if the list did not contain it.
    std::string checksum;
};

/// The files of a repository at one commit.
struct Listing {
    /// is_commit()
    std::string commit;
    std::vector<RemoteFile> files;
};

/// Reads the hub's answer to the request of list_files(). `where` names it in errors. Throws Error if it makes no sense
/// or names a file that is not is_safe_path().
Listing parse_listing(std::string_view answer, std::string_view where);

/// Asks the hub (GET /api/models/<id>/revision/<revision>?blobs=true). Throws Error, saying what would help, if the
/// hub refuses or its answer makes no sense, and Unavailable if it cannot answer now.
Listing list_files(HttpClient& client, const Options& options, const ModelName& model);

/// The URL of a file's content.
std::string file_url(const Options& options, const ModelName& model, const std::string& commit,
                     const std::string& path);

/// Fills in size and checksum if the list did not contain them, from the headers that precede the content
/// (X-Linked-Size and X-Linked-ETag, else Content-Length and ETag). Throws as list_files() does.
void complete_from_headers(HttpClient& client, const Options& options, const ModelName& model,
                           const std::string& commit, RemoteFile& file);

/// Throws unless the reply is a success: Unavailable when trying again may help, else Error with what to do.
/// `file` is empty when the whole repository was asked for.
void check_status(const Reply& reply, const Options& options, const ModelName& model, const std::string& file);

}  // namespace easel::hub
