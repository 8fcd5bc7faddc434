#pragma once

#include <optional>
#include <utility>

namespace easel {

/// A value that takes time to make, kept as long as the same one is requested.
template <typename Value, typename Key>
class Kept {
  public:
    bool has(const Key& key) const { return entry_ && entry_->first == key; }

    /// The value for `key`: the one that is kept, else what `make()` returns. The kept one of another key is dropped
    /// first, so that no two of them need memory at once; if `make` throws, none is kept.
    template <typename Make>
    Value& get(const Key& key, Make make) {
        if (!has(key)) {
            entry_.reset();
            entry_.emplace(key, make());
        }
        return entry_->second;
    }

    void drop() { entry_.reset(); }

    explicit operator bool() const { return entry_.has_value(); }

  private:
    std::optional<std::pair<Key, Value>> entry_;
};

}  // namespace easel
