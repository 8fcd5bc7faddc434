// What AUTOMATIC1111's API tells of the server.
#include "adapters/embedding_file.h"
#include "base/process.h"
#include "collection/control_files.h"
#include "collection/embedding_files.h"
#include "collection/lora_files.h"
#include "server/json.h"
#include "server/routes.h"
#include "server/sampler_choice.h"
#include "weights/safetensors.h"

namespace easel::server {
namespace {

using nlohmann::ordered_json;

std::optional<HttpResponse> samplers(const Call&) {
    ordered_json list = ordered_json::array();
    for (const ListedSampler& sampler : listed_samplers())
        list.push_back({{"name", sampler.name}, {"aliases", sampler.aliases}, {"options", ordered_json::object()}});
    return json_response(list);
}

std::optional<HttpResponse> schedulers(const Call&) {
    ordered_json list = ordered_json::array();
    for (const ListedScheduler& scheduler : listed_schedulers())
        list.push_back({{"name", scheduler.name},
                        {"label", scheduler.label},
                        {"aliases", nullptr},
                        {"default_rho", -1.0},
                        {"need_inner_model", false}});
    return json_response(list);
}

std::optional<HttpResponse> models(const Call& call) {
    ordered_json list = ordered_json::array();
    for (const NamedModel& model : call.service.models.list())
        list.push_back({{"title", model.title},
                        {"model_name", model.short_name()},
                        {"hash", nullptr},
                        {"sha256", nullptr},
                        {"filename", model.path.filename().empty() ? model.title : model.path.filename().string()},
                        {"config", nullptr}});
    return json_response(list);
}

std::optional<HttpResponse> nothing(const Call&) { return json_response(ordered_json::array()); }

/// Files that are none are left out.
std::optional<HttpResponse> loras(const Call& call) {
    ordered_json list = ordered_json::array();
    for (const auto& path : named_files(lora_folder(call.service.collection.lora_dir))) {
        const std::string name = path.stem().string();
        try {
            const auto metadata = SafetensorsFile(path).metadata();
            const auto alias = metadata.find("ss_output_name");
            list.push_back({{"name", name},
                            {"alias", alias == metadata.end() ? name : alias->second},
                            {"path", path.filename().string()},
                            {"metadata", metadata}});
        } catch (const Error&) {
            continue;
        }
    }
    return json_response(list);
}

std::optional<HttpResponse> embeddings(const Call& call) {
    ordered_json loaded = ordered_json::object(), skipped = ordered_json::object();
    for (const auto& path : named_files(embedding_folder(call.service.collection.embedding_dir))) {
        ordered_json facts = {{"step", nullptr}, {"sd_checkpoint", nullptr}, {"sd_checkpoint_name", nullptr}};
        try {
            const EmbeddingFile file = open_embedding(path);
            facts.update({{"shape", file.width}, {"vectors", file.vectors}});
            loaded[path.stem().string()] = facts;
        } catch (const Error&) {
            facts.update({{"shape", nullptr}, {"vectors", nullptr}});
            skipped[path.stem().string()] = facts;
        }
    }
    return json_response({{"loaded", loaded}, {"skipped", skipped}});
}

/// Clients see by the second name that there is the first, which needs a ControlNet.
std::optional<HttpResponse> scripts(const Call& call) {
    ordered_json names = ordered_json::array();
    if (!controlnets_in(call.service.collection.control_dir).empty()) names = {"controlnet", "controlnet m2m"};
    return json_response({{"txt2img", names}, {"img2img", names}});
}

std::optional<HttpResponse> memory(const Call&) {
    const MachineMemory machine = machine_memory();
    const std::uint64_t used = resident_memory_bytes();
    return json_response({{"ram", {{"free", machine.available}, {"used", used}, {"total", machine.total}}},
                          {"cuda", {{"error", "there is no CUDA here: easel draws on the processor"}}}});
}

std::optional<HttpResponse> flags(const Call& call) {
    return json_response({{"api", true}, {"ckpt", call.service.models.chosen()}});
}

}  // namespace

std::span<const Route> sdapi_list_routes() {
    static constexpr Route routes[] = {
        {"GET", "/sdapi/v1/samplers", samplers, Where::network},
        {"GET", "/sdapi/v1/schedulers", schedulers, Where::network},
        {"GET", "/sdapi/v1/sd-models", models, Where::network},
        {"GET", "/sdapi/v1/sd-vae", nothing, Where::network},
        {"GET", "/sdapi/v1/loras", loras},
        {"GET", "/sdapi/v1/hypernetworks", nothing, Where::network},
        {"GET", "/sdapi/v1/face-restorers", nothing, Where::network},
        {"GET", "/sdapi/v1/realesrgan-models", nothing, Where::network},
        {"GET", "/sdapi/v1/prompt-styles", nothing, Where::network},
        {"GET", "/sdapi/v1/script-info", nothing, Where::network},
        {"GET", "/sdapi/v1/extensions", nothing, Where::network},
        {"GET", "/sdapi/v1/embeddings", embeddings},
        {"GET", "/sdapi/v1/scripts", scripts},
        {"GET", "/sdapi/v1/memory", memory, Where::network},
        {"GET", "/sdapi/v1/cmd-flags", flags, Where::network},
    };
    return routes;
}

}  // namespace easel::server
