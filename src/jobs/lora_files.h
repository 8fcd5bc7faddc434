#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <easel/easel.h>

#include "pictures/read.h"

namespace easel::jobs {

/// Finds the files of a request's LoRAs: a path that exists, else a file of that name, or with that stem, in `folder`
/// or below it. Takes the tags <lora:NAME:WEIGHT> out of its prompt and adds what they name behind the others. Of a
/// prompt that is `stored` in a picture, tags without a file are dropped with a note; else they are an error, as every
/// LoRA without a file is. `note` may be empty.
void find_loras(Request& request, const std::filesystem::path& folder, bool stored, const Note& note);

}  // namespace easel::jobs
