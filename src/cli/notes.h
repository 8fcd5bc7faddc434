#pragma once

#include <functional>
#include <string>

#include <easel/easel.h>

namespace easel::cli {

/// The callbacks with each note in the command line's words, as `reworded` makes them, and reported once: a batch would
/// repeat it for each picture.
Callbacks notes_once(Callbacks callbacks, std::function<std::string(const std::string& note)> reworded);

}  // namespace easel::cli
