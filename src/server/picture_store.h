#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace easel::server {

/// The file of a picture that a client fetches by an address.
struct StoredPicture {
    /// "image/png"
    std::string type;
    std::string bytes;
};

/// Such files by names that cannot be guessed: kept for ten minutes, and 64 MiB in all. May be used by several threads.
class PictureStore {
  public:
    static constexpr std::chrono::minutes kept_for{10};
    static constexpr std::size_t most_bytes = std::size_t{64} << 20;

    /// `id_prefix` is what all names begin with.
    explicit PictureStore(std::string id_prefix = {}) : id_prefix_(std::move(id_prefix)) {}

    /// Returns its name.
    std::string add(StoredPicture picture);
    /// Null when it is not there, or not any more.
    std::shared_ptr<const StoredPicture> find(const std::string& name);

  private:
    using Clock = std::chrono::steady_clock;
    struct Entry {
        std::string name;
        std::shared_ptr<const StoredPicture> picture;
        Clock::time_point since;
    };

    void drop_old();

    const std::string id_prefix_;
    std::mutex mutex_;
    std::deque<Entry> entries_;
    std::size_t bytes_ = 0;
};

}  // namespace easel::server
