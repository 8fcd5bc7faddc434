#include "ir/networks.h"

#include <memory>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "ir/facts.h"
#include "ir/graphs.h"

namespace easel {
namespace {

IrNetworkSet read_ir(const IrFolder& folder) {
    IrNetworkSet networks{.text_encoder = read_ir(folder.text_encoder),
                          .unet = read_ir(folder.unet),
                          .vae_decoder = read_ir(folder.vae_decoder)};
    if (folder.text_encoder_2) networks.text_encoder_2 = read_ir(*folder.text_encoder_2);
    std::error_code ignored;
    if (std::filesystem::exists(folder.vae_encoder.xml, ignored)) networks.vae_encoder = read_ir(folder.vae_encoder);
    return networks;
}

/// The file that a network's weights point into.
MappedFiles files_of(const IrNetwork& network) { return {network.weights}; }

VaeSource vae_encoder_of(const IrFolder& folder, const IrNetworkSet& networks, const ModelFacts& facts) {
    if (!networks.vae_encoder)
        return {.graph = [path = folder.vae_encoder.xml](const LatentSize&) -> std::shared_ptr<ov::Model> {
            fail(ErrorKind::not_found, "{}: is missing, and without the VAE's encoder no picture can be begun from",
                 path.string());
        }};
    return {.graph = [network = *networks.vae_encoder,
                      facts](const LatentSize& size) { return ir::vae_encoder(network, facts, size); },
            .files = files_of(*networks.vae_encoder)};
}

}  // namespace

ModelNetworks networks_of(const IrFolder& folder) {
    const IrNetworkSet read = read_ir(folder);
    const ModelFacts facts = facts_of(folder, read);
    const int width = text_width(read, facts);
    auto text_encoder = [first = read.text_encoder, second = read.text_encoder_2, facts,
                         width](const TextEncoderKey& key) {
        if (key.clip_skip != 1 && !facts.text.layers)
            refuse_value("clip_skip", key.clip_skip,
                         "an OpenVINO IR provides only the text encoder's last layer; leave it out");
        if (key.takes_vectors)
            refuse("embeddings", "an OpenVINO IR takes none; draw with the checkpoint that it was made from");
        if (facts.text.is_pooled)
            return ir::pooling_text_encoder(first, second ? &*second : nullptr, facts, width, key.clip_skip);
        return ir::text_encoder(first, facts, width);
    };
    auto unet = [network = read.unet, facts, width](const UNetKey& key, NetworkForm /*form*/) {
        return ir::unet(network, facts, width, key);
    };
    auto vae_decoder = [network = read.vae_decoder, facts](const LatentSize& size) {
        return ir::vae_decoder(network, facts, size);
    };
    MappedFiles text_files = files_of(read.text_encoder);
    if (read.text_encoder_2) text_files.push_back(read.text_encoder_2->weights);
    return {.facts = facts,
            .text_encoder = {.graph = std::move(text_encoder), .files = std::move(text_files)},
            .unet = {.graph = std::move(unet), .files = files_of(read.unet)},
            .vae_decoder = {.graph = std::move(vae_decoder), .files = files_of(read.vae_decoder)},
            .vae_encoder = vae_encoder_of(folder, read, facts)};
}

}  // namespace easel
