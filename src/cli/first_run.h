#pragma once

#include <easel/easel.h>

namespace easel::cli {

/// Tells, once for each person, where models come from: to be called after a picture was drawn with the model that
/// ships because none was named.
void tell_of_models_once(const Callbacks& callbacks);

}  // namespace easel::cli
