#include "ir/networks.h"

#include <system_error>

#include "base/error.h"
#include "ir/facts.h"
#include "ir/graphs.h"

namespace easel {
namespace {

IrNetworkSet read_ir(const IrFolder& folder) {
    IrNetworkSet networks{.text_encoder = read_ir(folder.text_encoder),
                          .unet = read_ir(folder.unet),
                          .vae_decoder = read_ir(folder.vae_decoder)};
    std::error_code ignored;
    if (std::filesystem::exists(folder.vae_encoder.xml, ignored)) networks.vae_encoder = read_ir(folder.vae_encoder);
    return networks;
}

class IrNetworks : public NetworkSource {
  public:
    explicit IrNetworks(const IrFolder& folder)
        : encoder_path_(folder.vae_encoder.xml), networks_(read_ir(folder)), text_width_(easel::text_width(networks_)) {
        facts_ = facts_of(folder, networks_);
        for (const IrNetwork* network : {&networks_.text_encoder, &networks_.unet, &networks_.vae_decoder})
            files_.push_back(network->weights);
        if (networks_.vae_encoder) files_.push_back(networks_.vae_encoder->weights);
    }

    std::shared_ptr<ov::Model> text_encoder(int clip_skip) const override {
        if (clip_skip != 1)
            refuse_value("clip_skip", clip_skip,
                         "an OpenVINO IR gives the text encoder's last layer alone; leave it out");
        return ir::text_encoder(networks_.text_encoder, facts_, text_width_);
    }

    UNet unet(const LatentSize& size, int rows, NetworkForm /*form*/) const override {
        return ir::unet(networks_.unet, facts_, text_width_, size, rows);
    }

    std::shared_ptr<ov::Model> vae_decoder(const LatentSize& size) const override {
        return ir::vae_decoder(networks_.vae_decoder, facts_, size);
    }

    std::shared_ptr<ov::Model> vae_encoder(const LatentSize& size) const override {
        if (!networks_.vae_encoder)
            fail("{}: is missing, and without the VAE's encoder no picture can be begun from", encoder_path_.string());
        return ir::vae_encoder(*networks_.vae_encoder, facts_, size);
    }

    const std::vector<std::shared_ptr<const MappedFile>>& files() const override { return files_; }

  private:
    std::filesystem::path encoder_path_;
    IrNetworkSet networks_;
    int text_width_;
    std::vector<std::shared_ptr<const MappedFile>> files_;
};

}  // namespace

std::unique_ptr<const NetworkSource> networks_of(const IrFolder& folder) {
    return std::make_unique<IrNetworks>(folder);
}

}  // namespace easel
