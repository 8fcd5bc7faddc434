#include "server/named_files.h"

#include <filesystem>
#include <utility>

#include "collection/control_files.h"
#include "collection/embedding_files.h"
#include "collection/lora_files.h"
#include "collection/upscaler_files.h"
#include "server/refusal.h"
#include "settings/latent_upscaler.h"

namespace easel::server {

std::string upscaler_named(const std::string& name, const Collection& collection, std::string_view field) {
    // Clients name no paths.
    if (latent_upscaler(name) || is_lanczos(name)) return find_upscaler(name, upscaler_folder({}), field);
    if (const auto file = find_named(upscaler_folder(collection.upscaler_dir), name))
        return std::filesystem::absolute(*file).string();
    refuse_field(422, field, "there is no upscaler \"{:.80}\"; /sdapi/v1/upscalers lists those that are there", name);
}

void add_named_files(Request& request, const Collection& collection) {
    const NamedFolder folder = lora_folder(collection.lora_dir);
    for (const LoraTag& tag : take_lora_tags(request.prompt)) {
        auto lora = find_lora(tag, folder);
        if (!lora && tag.is_lora())
            refuse_field(422, "prompt", "there is no LoRA \"{:.80}\"; /sdapi/v1/loras lists those that are there",
                         tag.name);
        if (!lora)
            refuse_field(422, "prompt", "<{:.40}:{:.80}> is not supported; write <lora:NAME:WEIGHT>", tag.kind,
                         tag.name);
        request.loras.push_back(*std::move(lora));
    }
    find_embeddings(request, collection.embedding_dir);
    if (const std::string& name = request.hires_upscaler; !name.empty())
        request.hires_upscaler = upscaler_named(name, collection, "hr_upscaler");
    for (Control& control : request.controls) {
        const std::string name = control.model.string();
        const auto found = find_controlnet(collection.control_dir, name);
        if (!found)
            refuse_field(422, "controls",
                         "there is no ControlNet \"{:.80}\"; /controlnet/model_list lists those that are there", name);
        // Of absolute paths pictures store the name alone.
        control.model = std::filesystem::absolute(*found);
    }
}

}  // namespace easel::server
