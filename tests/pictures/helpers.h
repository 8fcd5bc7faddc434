#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <easel/error.h>
#include <easel/picture.h>

#include "pictures/read.h"

namespace easel {

inline const std::string golden_pictures = "golden/pictures/";

/// The text that the pictures with settings in golden/pictures hold.
inline const std::string golden_settings = "a cat, 猫 😀\nNegative prompt: café\nSteps: 20, Sampler: Euler a, Seed: 1";

inline Picture decode(const std::string& bytes, const Note& note = {}) {
    return decode_picture(std::as_bytes(std::span(bytes)), "it", note);
}

/// The sentence of the Error that `action` throws, empty when it throws none.
inline std::string sentence_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

/// The greatest difference between two pictures' values; 256 when they have not as many.
inline int greatest_difference(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
    if (a.size() != b.size()) return 256;
    int greatest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) greatest = std::max(greatest, std::abs(a[i] - b[i]));
    return greatest;
}

/// A new empty folder, removed at the end with all in it.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string pattern = ::testing::TempDir() + "easel_pictures_XXXXXX";
        path_ = ::mkdtemp(pattern.data());
    }
    ~TemporaryFolder() { std::filesystem::remove_all(path_); }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
    bool empty() const { return std::filesystem::is_empty(path_); }

  private:
    std::filesystem::path path_;
};

}  // namespace easel
