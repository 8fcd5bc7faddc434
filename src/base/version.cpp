#include <easel/easel.h>
#include <easel/version.h>

namespace easel {

std::string_view version() { return EASEL_VERSION_STRING; }

}  // namespace easel
