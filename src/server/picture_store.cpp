#include "server/picture_store.h"

#include <utility>

#include "server/random_id.h"

namespace easel::server {

void PictureStore::drop_old() {
    const auto now = Clock::now();
    while (!entries_.empty() && (now - entries_.front().since > kept_for || bytes_ > most_bytes)) {
        bytes_ -= entries_.front().picture->bytes.size();
        entries_.pop_front();
    }
}

std::string PictureStore::add(StoredPicture picture) {
    const std::lock_guard lock(mutex_);
    bytes_ += picture.bytes.size();
    entries_.push_back(
        {id_prefix_ + random_id(), std::make_shared<const StoredPicture>(std::move(picture)), Clock::now()});
    const std::string name = entries_.back().name;
    drop_old();
    return name;
}

std::shared_ptr<const StoredPicture> PictureStore::find(const std::string& name) {
    const std::lock_guard lock(mutex_);
    drop_old();
    for (const Entry& entry : entries_)
        if (entry.name == name) return entry.picture;
    return nullptr;
}

}  // namespace easel::server
