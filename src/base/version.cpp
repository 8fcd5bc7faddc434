#include <easel/easel.h>

namespace easel {

std::string_view version() { return EASEL_VERSION; }

}  // namespace easel
