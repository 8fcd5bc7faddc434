#pragma once

#include <string>
#include <string_view>

#include <easel/easel.h>

#include "collection/collection.h"

namespace easel::server {

/// What a client's name for an upscaler is for Request::hires_upscaler. Throws Refusal (422), naming `field`, where
/// there is none.
std::string upscaler_named(const std::string& name, const Collection& collection, std::string_view field);

/// Adds to a request the LoRAs that tags in its prompt name, which are taken out of it, and the embeddings whose names
/// stand in its prompts, and finds its ControlNets and its upscaler by their names. Throws Refusal (422) where there is
/// no such LoRA, ControlNet or upscaler, and for tags of other kinds.
void add_named_files(Request& request, const Collection& collection);

}  // namespace easel::server
