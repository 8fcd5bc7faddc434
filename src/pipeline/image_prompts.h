#pragma once

#include <memory>
#include <vector>

#include <easel/easel.h>

#include "pipeline/open_files.h"
#include "runtime/conditioning.h"
#include "runtime/network_source.h"

namespace easel {

/// An opened IP-Adapter, and what it makes of the picture that prompts.
struct OpenIpAdapter {
    std::shared_ptr<const IpAdapterFile> adapter;
    /// [tokens, width] for the picture, and for none, which is an embedding of zeros.
    std::vector<float> cond, uncond;
    double scale = 1.0;
};

/// The IP-Adapters of the last picture, kept open.
class OpenIpAdapters {
  public:
    /// Opens those that are not open yet, and reads the embeddings. Throws Error if a file is missing, broken, or does
    /// not fit the model.
    std::vector<OpenIpAdapter> open(const std::vector<IpAdapter>& adapters, const ModelNetworks& model);

  private:
    OpenFiles<IpAdapterFile> files_;
};

/// Adds the tokens of each, for all rows, of which the first of several is the unconditional one.
void add_image_prompts(Conditioning& conditioning, const std::vector<OpenIpAdapter>& adapters);

}  // namespace easel
