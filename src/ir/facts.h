#pragma once

#include "ir/folder.h"
#include "ir/reader.h"
#include "runtime/network_source.h"

namespace easel {

/// The networks of a folder, which need not have the VAE's encoder.
struct IrNetworkSet {
    IrNetwork text_encoder, unet, vae_decoder;
    std::optional<IrNetwork> vae_encoder;
};

/// Columns of the text's embeddings. Throws Error when UNet and text encoder do not agree, or leave it open.
int text_width(const IrNetworkSet& networks);

/// What the configs tell, where the folder has them, and the graphs otherwise: sizes from the UNet's and the decoder's
/// shapes, the scaling factor, and whether the decoder undoes it, from what it does with its input first, or else by
/// taking a picture through encoder and decoder both ways, at the native size. Throws Error when the networks are not
/// those of a family that is drawn with or do not belong together.
ModelFacts facts_of(const IrFolder& folder, const IrNetworkSet& networks);

}  // namespace easel
