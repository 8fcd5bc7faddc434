#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace easel::server {

/// A file of the page, as it was when easel was built.
struct PageFile {
    /// "page.css", "vendor/preact.mjs"
    std::string_view name;
    /// As gzip.
    std::string_view gzipped;
    /// Bytes of the file itself.
    std::size_t size;
    /// Another for other bytes.
    std::string_view hash;
};
std::span<const PageFile> page_files();

/// The source that a content security policy names to let index.html's import map be: "sha256-..."
std::string_view import_map_hash();

}  // namespace easel::server
