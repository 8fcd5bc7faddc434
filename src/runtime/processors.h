#pragma once

namespace easel {

/// How many processors this process may keep busy: those that it may run on, limited by the quota of its control
/// groups. At least 1.
int usable_processors();

/// Whether this is an x86 processor without AVX2, as were those made before 2013.
bool lacks_avx2();

}  // namespace easel
