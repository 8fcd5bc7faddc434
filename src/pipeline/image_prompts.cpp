#include "pipeline/image_prompts.h"

#include <utility>

#include "base/error.h"

namespace easel {

std::vector<OpenIpAdapter> OpenIpAdapters::open(const std::vector<IpAdapter>& adapters, const ModelNetworks& model) {
    if (!adapters.empty() && !model.controlled)
        refuse("ip_adapters",
               "the UNet of this model (OpenVINO IR) takes nothing from IP-Adapters; draw with the checkpoint that it "
               "was made from");
    std::vector<OpenIpAdapter> opened;
    for (const IpAdapter& asked : adapters) {
        const auto file = files_.get(asked.file, [&]() -> ReadFiles<IpAdapterFile> {
            return {std::make_shared<const IpAdapterFile>(open_ip_adapter(asked.file, *model.controlled)),
                    {asked.file}};
        });
        const std::vector<float> embedding = read_image_embedding(asked.image_embeds, file->image_width);
        opened.push_back({.adapter = file,
                          .cond = image_tokens(*file, embedding),
                          .uncond = image_tokens(*file, std::vector<float>(embedding.size())),
                          .scale = asked.scale});
    }
    files_.close_others();
    return opened;
}

void add_image_prompts(Conditioning& conditioning, const std::vector<OpenIpAdapter>& adapters) {
    for (const OpenIpAdapter& adapter : adapters) {
        std::vector<float> tokens;
        for (int row = 0; row < conditioning.rows; ++row) {
            const std::vector<float>& of_row = conditioning.rows > 1 && row == 0 ? adapter.uncond : adapter.cond;
            tokens.insert(tokens.end(), of_row.begin(), of_row.end());
        }
        conditioning.image_prompts.emplace_back(std::move(tokens), static_cast<float>(adapter.scale));
    }
}

}  // namespace easel
