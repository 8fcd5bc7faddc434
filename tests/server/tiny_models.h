#pragma once

#include "server/models.h"

namespace easel::testing {

/// The small model of the tests as the only one to choose from.
inline const server::Models& tiny_models() {
    static const server::Models models("golden/tiny/diffusers", {});
    return models;
}

}  // namespace easel::testing
