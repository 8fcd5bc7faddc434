#include "server/named_files.h"

#include <filesystem>
#include <utility>

#include "collection/control_files.h"
#include "collection/embedding_files.h"
#include "collection/lora_files.h"
#include "server/refusal.h"

namespace easel::server {

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
