#include "collection/collection.h"

namespace easel {

std::span<const Setting<Collection>> collection_table() {
    static const Setting<Collection> table[] = {
        {{.field = "lora_dir",
          .flags = "--lora-dir",
          .kind = FilePath{},
          .help = "The folder of LoRAs, for names after --lora and for <lora:NAME:WEIGHT> in prompts"},
         &Collection::lora_dir},
        {{.field = "embedding_dir",
          .flags = "--embedding-dir",
          .kind = FilePath{},
          .help = "The folder of embeddings: those whose names stand in the prompts are used"},
         &Collection::embedding_dir},
        {{.field = "control_dir",
          .flags = "--control-dir",
          .kind = FilePath{},
          .help = "The folder of ControlNets and of the pictures that they follow, for names after --control"},
         &Collection::control_dir},
        {{.field = "upscaler_dir",
          .flags = "--upscaler-dir",
          .kind = FilePath{},
          .help = "The folder of upscalers, for names after --hires-upscaler and --upscaler"},
         &Collection::upscaler_dir},
    };
    return table;
}

}  // namespace easel
