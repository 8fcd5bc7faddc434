#include "server/person_masks.h"

#include "person/person_mask.h"
#include "person/shipped_networks.h"

namespace easel::server {

PersonMasks::PersonMasks() = default;
PersonMasks::~PersonMasks() = default;

Mask PersonMasks::make(const Picture& picture, const PersonMaskOptions& options) {
    const std::lock_guard lock(mutex_);
    if (!finder_) finder_ = std::make_unique<PersonFinder>(person_network(false));
    return finder_->mask(picture, options);
}

bool PersonMasks::are_possible() {
    try {
        return !person_network(false).empty();
    } catch (const Error&) {
        return false;
    }
}

}  // namespace easel::server
