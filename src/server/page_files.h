#pragma once

#include <span>
#include <string_view>

namespace easel::server {

/// A file of the page, as it was when easel was built.
struct PageFile {
    /// "page.css"
    std::string_view name;
    std::string_view bytes;
    /// For HTTP, in quotes; another for other bytes.
    std::string_view etag;
};
std::span<const PageFile> page_files();

}  // namespace easel::server
