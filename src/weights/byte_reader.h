#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "base/error.h"

namespace easel {

/// Bytes that nobody vouches for: every access is checked. Numbers are little-endian.
class ByteReader {
  public:
    /// `where` names them in errors; both must outlive the reader.
    ByteReader(std::span<const std::byte> bytes, std::string_view where) : bytes_(bytes), where_(where) {
        static_assert(std::endian::native == std::endian::little);
    }

    [[noreturn]] void fail_damaged(std::string_view what) const {
        fail(ErrorKind::damaged, "{}: {}; it is damaged, get it again", where_, what);
    }

    /// All of these throw Error where there are fewer bytes.
    std::span<const std::byte> bytes(std::uint64_t offset, std::uint64_t size) const {
        if (offset > bytes_.size() || size > bytes_.size() - offset) fail_damaged("ends too early");
        return bytes_.subspan(offset, size);
    }
    std::string_view part(std::uint64_t offset, std::uint64_t size) const {
        const auto part = bytes(offset, size);
        return {reinterpret_cast<const char*>(part.data()), part.size()};
    }
    template <typename Number>
    Number number(std::uint64_t offset) const {
        Number value;
        std::memcpy(&value, bytes(offset, sizeof value).data(), sizeof value);
        return value;
    }

    /// All bytes.
    std::string_view text() const { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }
    std::string_view where() const { return where_; }

  private:
    std::span<const std::byte> bytes_;
    std::string_view where_;
};

}  // namespace easel
