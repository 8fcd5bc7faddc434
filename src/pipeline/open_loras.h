#pragma once

#include <functional>
#include <string>
#include <vector>

#include <easel/easel.h>

#include "adapters/layer_table.h"
#include "adapters/lora_file.h"
#include "adapters/weight_changes.h"
#include "pipeline/open_files.h"
#include "settings/settings.h"

namespace easel {

/// The LoRAs of the last picture, kept open: the next one often has the same.
class OpenLoras {
  public:
    /// Opens those that are not open yet, for the model whose layers these are, and closes those that are no longer in
    /// the list. `note`, which may be empty, is called for each file that is opened, with how much of it the model
    /// takes. Throws Error if a file is missing, broken, or does not fit the model.
    NetworkChanges open(const std::vector<Lora>& loras, const LayerTable& layers,
                        const std::function<void(const std::string&)>& note);

  private:
    OpenFiles<LoraFile> files_;
};

/// By the names that prompts have for them. Throws Error as lora_hash() does.
std::vector<NamedHash> hashes_of(const std::vector<Lora>& loras);

}  // namespace easel
