#include "ir/graphs.h"

#include <string>

#include "ir/edited_graph.h"
#include "ir/ports.h"

namespace easel::ir {
namespace {

ov::PartialShape latents(const LatentSize& size, int channels) { return {1, channels, size.height, size.width}; }

ov::PartialShape picture(const LatentSize& size, const ModelFacts& facts) {
    return {1, 3, facts.latents.downsampling * size.height, facts.latents.downsampling * size.width};
}

/// A network of one input and one output of four dimensions.
std::shared_ptr<ov::Model> half_of_vae(EditedGraph graph, const ModelFacts& facts, const ov::PartialShape& from,
                                       const char* output, const ov::PartialShape& to, const char* name) {
    graph.reshape({from}, facts);
    const auto values = parameter(ov::element::f32, from, "values");
    graph.feed(0, values);
    return graph.finished(graph.output(output, 4), to, {values}, name);
}

}  // namespace

std::shared_ptr<ov::Model> vae_decoder(const IrNetwork& network, const ModelFacts& facts, const LatentSize& size) {
    return half_of_vae({network, vae_decoder_inputs(facts.latents.channels)}, facts,
                       latents(size, facts.latents.channels), "sample", picture(size, facts), "VAE decoder");
}

std::shared_ptr<ov::Model> vae_encoder(const IrNetwork& network, const ModelFacts& facts, const LatentSize& size) {
    return half_of_vae({network, vae_encoder_inputs()}, facts, picture(size, facts), "latent_parameters",
                       latents(size, 2 * facts.latents.channels), "VAE encoder");
}

}  // namespace easel::ir
