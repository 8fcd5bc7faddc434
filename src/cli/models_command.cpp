#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "hub/cache.h"
#include "hub/pull.h"
#include "hub/size_text.h"
#include "ir/folder.h"
#include "weights/checkpoint.h"

namespace easel::cli {
namespace {

/// A snapshot's name for --model: with no revision for "main", else a branch or tag, else the commit.
hub::ModelName name_of(const hub::ModelName& model, const hub::CachedModel::Snapshot& snapshot) {
    hub::ModelName name = model;
    if (snapshot.revisions.empty())
        name.revision = snapshot.commit;
    else if (std::ranges::find(snapshot.revisions, name.revision) == snapshot.revisions.end())
        name.revision = snapshot.revisions.front();
    return name;
}

/// What a snapshot is, or why easel cannot use it.
std::string state_of(const hub::ModelName& name, const hub::Options& options) {
    try {
        const hub::PulledModel model = hub::find_in_cache(name, {}, options);
        if (IrFolder::find(model.path)) return "ready, OpenVINO IR";
        const Checkpoint checkpoint = Checkpoint::open(model.path);
        return checkpoint.layout == Checkpoint::Layout::single_file ? "ready, single file" : "ready, diffusers folder";
    } catch (const Error& reason) {
        return fmt::format("not usable: {}", reason.what());
    }
}

void list() {
    const hub::Options options = hub::options_from_environment();
    const auto models = hub::cached_models(options.cache);
    if (models.empty()) {
        print_err("no models in {}; `easel pull owner/name` downloads one\n", options.cache.string());
        return;
    }
    for (const hub::CachedModel& model : models) {
        print_out("{}  {}\n", model.name.id(), hub::size_text(model.bytes));
        for (const auto& snapshot : model.snapshots) {
            const hub::ModelName name = name_of(model.name, snapshot);
            print_out("  {}  {}\n", name.text(), state_of(name, options));
        }
        if (model.snapshots.empty()) print_out("  not usable: no snapshot is complete\n");
    }
}

void remove(const std::string& text) {
    const auto name = hub::parse_model_name(text);
    if (!name || text.find('@') != std::string::npos)
        fail_usage("models rm: give owner/name without a revision; the whole model is removed");
    const auto freed = hub::remove_cached_model(hub::options_from_environment().cache, *name);
    print_out("removed {}, freed {}\n", name->id(), hub::size_text(freed));
}

}  // namespace

void add_models(CLI::App& app) {
    CLI::App* command = app.add_subcommand("models", "List downloaded models, or remove one");
    CLI::App* remove_command = command->add_subcommand("rm", "Remove a downloaded model from the disk");
    const auto name = std::make_shared<std::string>();
    remove_command->add_option("name", *name, "owner/name")->required();
    remove_command->callback([name] { remove(*name); });
    command->callback([remove_command] {
        if (!remove_command->parsed()) list();
    });
}

}  // namespace easel::cli
