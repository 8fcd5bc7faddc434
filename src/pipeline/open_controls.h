#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <easel/easel.h>

#include "pictures/read.h"
#include "pipeline/open_files.h"
#include "runtime/network_source.h"

namespace easel {

/// An opened ControlNet, and the picture that it follows; null: the one made of the init picture and the mask.
struct OpenControl {
    std::shared_ptr<const ControlNetNetworks> networks;
    std::shared_ptr<const Picture> picture;
};

/// The ControlNets of the last picture, kept open: the next one often has the same.
class OpenControls {
  public:
    /// Opens those that are not open yet, and their pictures, and closes those that are no longer in the list. `note`,
    /// which may be empty, gets what is found in them and not used. Throws Error if a file is missing, broken, or does
    /// not fit the model.
    std::vector<OpenControl> open(const std::vector<Control>& controls, const ModelNetworks& model, const Note& note);

    /// As of ModelNetworks, of all that are open.
    std::optional<std::string> weight_that_is_not_finite() const;

  private:
    OpenFiles<ControlNetNetworks> networks_;
    OpenFiles<Picture> pictures_;
};

}  // namespace easel
