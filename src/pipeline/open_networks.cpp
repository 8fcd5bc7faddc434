#include "pipeline/open_networks.h"

#include "ir/networks.h"

namespace easel {

ModelNetworks open_networks(const std::filesystem::path& path) {
    if (const auto folder = IrFolder::find(path)) return networks_of(*folder);
    return networks_of(Checkpoint::open(path));
}

}  // namespace easel
