#pragma once

#include "ir/folder.h"
#include "ir/reader.h"
#include "runtime/network_source.h"

namespace easel {

/// The networks of a folder, which need not have the VAE's encoder.
struct IrNetworkSet {
    IrNetwork text_encoder;
    std::optional<IrNetwork> text_encoder_2;
    IrNetwork unet, vae_decoder;
    std::optional<IrNetwork> vae_encoder;
};

/// The width of the text's embeddings. Throws Error if UNet and text encoders disagree or do not fix it.
int text_width(const IrNetworkSet& networks, const ModelFacts& facts);

/// Facts from the configs, if the folder has them, and otherwise from the graphs: sizes from the UNet's and the
/// decoder's shapes, the scaling factor, and whether the decoder undoes it, from what it does with its input first, or
/// else by taking a picture through encoder and decoder both ways, at the native size. Throws Error if the networks are
/// not those of a supported family or do not belong together.
ModelFacts facts_of(const IrFolder& folder, const IrNetworkSet& networks);

}  // namespace easel
