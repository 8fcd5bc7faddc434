#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace easel {

/// An XMP document (RDF in XML, without packet wrapper) that holds one thing: `text`, in UTF-8, as exif:UserComment
/// (XMP specification part 2, 3.2).
std::string xmp_with_comment(std::string_view text);

/// The UserComment of an XMP document, in UTF-8; none if there is none or it is damaged.
std::optional<std::string> comment_of_xmp(std::string_view xmp);

}  // namespace easel
