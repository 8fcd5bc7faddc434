#pragma once

namespace easel {

/// How many processors this process may keep busy: those it is allowed on, less what a control group's quota takes
/// away. At least 1.
int usable_processors();

}  // namespace easel
