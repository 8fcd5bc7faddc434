#pragma once

namespace easel {

/// How many processors this process may keep busy: those it is allowed on, less what a control group's quota takes
/// away. At least 1.
int usable_processors();

/// Whether this is an x86 processor without AVX2, as those made before 2013 are.
bool lacks_avx2();

}  // namespace easel
