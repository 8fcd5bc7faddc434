#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace easel {

/// Elements of a tensor: more would be more memory than any machine has.
inline constexpr std::uint64_t most_elements = std::uint64_t{1} << 40;

/// Bytes of an .xml; the one of a UNet has 2 to 5 million.
constexpr std::size_t largest_ir_xml = 32u << 20;

/// Throws Error, naming `where`, unless `xml` is a plain OpenVINO IR (a `net` of version 10 or 11) that may be handed
/// to the runtime's own reader, which trusts what it reads:
///   - nested at most 64 deep, at most 100 attributes an element, at most 50,000 layers, no cycles, no sub-networks;
///   - chains of at most 10,000 layers;
///   - every layer an operation of find_ir_operation and of the runtime's own sets, with as many inputs as it takes;
///   - each input fed by one edge;
///   - every constant inside the `bin_size` bytes that come with it, of as many bytes as its type and shape need;
///   - no dimension above 2^31 - 1, no tensor above 2^40 elements;
///   - no document type (which could name other files) and no layer that names a file.
/// Takes well under a second whatever the file holds.
void check_ir(std::string_view xml, std::uint64_t bin_size, std::string_view where);

}  // namespace easel
