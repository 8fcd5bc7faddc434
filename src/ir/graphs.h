#pragma once

#include <memory>

#include "ir/reader.h"
#include "runtime/network_source.h"

/// The networks of an OpenVINO IR in the form that a NetworkSource gives: a copy of what was read, with fixed shapes,
/// inputs and outputs of f32, and rows repeated if its batch differs from the requested one. Each throws Error
/// when the network lacks an input or an output or has it of another shape, and an Error of kind bad_request when it
/// cannot be computed at that size.
namespace easel::ir {

std::shared_ptr<ov::Model> text_encoder(const IrNetwork& network, const ModelFacts& facts, int text_width);
/// Those whose pooled output conditions the UNet too, by themselves or with a second one, as build_clip_text() with
/// ClipTextOutputs::with_pooled and build_two_clip_texts() give them; every row of the last output is the pooled one.
std::shared_ptr<ov::Model> pooling_text_encoder(const IrNetwork& first, const IrNetwork* second,
                                                const ModelFacts& facts, int text_width, int clip_skip);
/// Also throws an Error of kind bad_request when its batch is fixed at fewer rows than the key's.
UNetGraph unet(const IrNetwork& network, const ModelFacts& facts, int text_width, const UNetKey& key);
std::shared_ptr<ov::Model> vae_decoder(const IrNetwork& network, const ModelFacts& facts, const LatentSize& size);
std::shared_ptr<ov::Model> vae_encoder(const IrNetwork& network, const ModelFacts& facts, const LatentSize& size);

}  // namespace easel::ir
