#include "hub/repository.h"

#include <charconv>

#include <fmt/format.h>

#include "base/error.h"
#include "base/json.h"
#include "hub/checksum.h"
#include "hub/retry.h"

namespace easel::hub {
namespace {

using nlohmann::json;

constexpr int unauthorized = 401, forbidden = 403, not_found = 404, request_timeout = 408, too_many_requests = 429;

[[noreturn]] void fail_refused(const Reply& reply, const Options& options, const ModelName& model) {
    if (reply.status == forbidden || reply.header("x-error-code") == "GatedRepo")
        fail(
            "{}: {} provides it only to those who have accepted its terms; do that at {}/{}, and set HF_TOKEN to a "
            "token of that account",
            model.text(), options.endpoint, options.endpoint, model.id());
    if (options.token.empty())
        fail("{}: there is no such model on {} that is open to all; check the name, or set HF_TOKEN when it is private",
             model.text(), options.endpoint);
    fail(
        "{}: {} does not accept the token (HF_TOKEN, or the file that was written when you logged in); it may have "
        "ended",
        model.text(), options.endpoint);
}

[[noreturn]] void fail_not_found(const Reply& reply, const Options& options, const ModelName& model,
                                 const std::string& file) {
    if (!file.empty()) fail("{}: {} lists the file {} but does not have it", model.text(), options.endpoint, file);
    if (reply.header("x-error-code") == "RevisionNotFound")
        fail("{}: {} has no branch, tag or commit {}", model.id(), options.endpoint, model.revision);
    fail("{}: there is no such model on {}, and no file or folder of that name here", model.text(), options.endpoint);
}

/// The hash of a file's content: of the large file that the entry stands for, else of the entry itself.
std::string listed_checksum(const json& entry) {
    const auto text_of = [](const json& object, const char* key) -> std::string {
        if (!object.is_object() || !object.contains(key) || !object[key].is_string()) return {};
        const std::string text = object[key];
        return is_checksum(text) ? text : std::string();
    };
    if (entry.contains("lfs") && entry["lfs"].is_object()) return text_of(entry["lfs"], "sha256");
    return text_of(entry, "blobId");
}

RemoteFile parse_file(const json& entry, std::string_view where) {
    if (!entry.is_object() || !entry.contains("rfilename") || !entry["rfilename"].is_string())
        fail("{}: its list of files has an entry without a name", where);
    RemoteFile file{.path = entry["rfilename"], .size = std::nullopt, .checksum = listed_checksum(entry)};
    if (!is_safe_path(file.path))
        fail("{}: lists a file whose name {} leads out of its folder or cannot be shown, so nothing is taken from it",
             where, json(file.path).dump(-1, ' ', true));
    const bool is_large = entry.contains("lfs") && entry["lfs"].is_object() && entry["lfs"].contains("size");
    const json& holder = is_large ? entry["lfs"] : entry;
    if (holder.contains("size") && holder["size"].is_number_unsigned()) file.size = holder["size"];
    return file;
}

/// "W/" and the quotes around an etag are not part of it.
std::string bare_etag(std::string etag) {
    if (etag.starts_with("W/")) etag.erase(0, 2);
    std::erase(etag, '"');
    return etag;
}

}  // namespace

void check_status(const Reply& reply, const Options& options, const ModelName& model, const std::string& file) {
    if (reply.is_success()) return;
    if (reply.status == unauthorized || reply.status == forbidden) fail_refused(reply, options, model);
    if (reply.status == not_found) fail_not_found(reply, options, model, file);
    const std::string what = file.empty() ? model.text() : model.text() + ": " + file;
    if (reply.status == too_many_requests) {
        const auto wait = reply.retry_after;
        throw Unavailable(fmt::format("{}: {} has had too many requests{}", what, options.endpoint,
                                      wait ? fmt::format(" and asks to wait {} s", wait->count()) : ""),
                          wait);
    }
    const std::string sentence = fmt::format("{}: {} answers with status {}", what, options.endpoint, reply.status);
    if (reply.status >= 500 || reply.status == request_timeout) throw Unavailable(sentence, reply.retry_after);
    fail("{}, which easel does not know; check HF_ENDPOINT and the proxy", sentence);
}

Listing parse_listing(std::string_view answer, std::string_view where) {
    const json parsed = parse_json(answer, where);
    if (!parsed.is_object() || !parsed.contains("sha") || !parsed["sha"].is_string() ||
        !is_commit(parsed["sha"].get_ref<const std::string&>()))
        fail("{}: the answer has no \"sha\" that says which commit it is; check HF_ENDPOINT", where);
    if (!parsed.contains("siblings") || !parsed["siblings"].is_array())
        fail("{}: the answer has no \"siblings\" that list the files; check HF_ENDPOINT", where);
    Listing listing{.commit = parsed["sha"], .files = {}};
    for (const json& entry : parsed["siblings"]) listing.files.push_back(parse_file(entry, where));
    return listing;
}

Listing list_files(HttpClient& client, const Options& options, const ModelName& model) {
    const Reply reply = client.get(fmt::format("{}/api/models/{}/revision/{}?blobs=true", options.endpoint, model.id(),
                                               percent_encoded(model.revision, false)));
    check_status(reply, options, model, "");
    return parse_listing(reply.body, fmt::format("{} on {}", model.text(), options.endpoint));
}

std::string file_url(const Options& options, const ModelName& model, const std::string& commit,
                     const std::string& path) {
    return fmt::format("{}/{}/resolve/{}/{}", options.endpoint, model.id(), commit, percent_encoded(path, true));
}

void complete_from_headers(HttpClient& client, const Options& options, const ModelName& model,
                           const std::string& commit, RemoteFile& file) {
    if (file.size && !file.checksum.empty()) return;
    const Reply reply = client.head(file_url(options, model, commit, file.path));
    if (reply.status < 300 || reply.status >= 400) check_status(reply, options, model, file.path);
    // The plain headers of a redirect describe the redirect, not the file.
    const auto first_of = [&](const char* linked, const char* plain) {
        const std::string value = reply.header(linked);
        return value.empty() && reply.is_success() ? reply.header(plain) : value;
    };
    file.checksum = bare_etag(first_of("x-linked-etag", "etag"));
    if (!is_checksum(file.checksum))
        fail("{}: {} reports no checksum of {}, so a download could not be checked", model.text(), options.endpoint,
             file.path);
    const std::string size = first_of("x-linked-size", "content-length");
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), value);
    if (size.empty() || error != std::errc() || end != size.data() + size.size())
        fail("{}: {} does not report the size of {}", model.text(), options.endpoint, file.path);
    file.size = value;
}

}  // namespace easel::hub
