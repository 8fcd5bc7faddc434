#pragma once

#include <easel/easel.h>

#include "collection/collection.h"

namespace easel::server {

/// Adds to a request the LoRAs that tags in its prompt name, which are taken out of it, and the embeddings whose names
/// stand in its prompts, and finds its ControlNets by their names. Throws Refusal (422) where there is no such LoRA or
/// ControlNet, and for tags of other kinds.
void add_named_files(Request& request, const Collection& collection);

}  // namespace easel::server
