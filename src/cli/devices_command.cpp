#include <memory>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <easel/easel.h>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/progress.h"

namespace easel::cli {

namespace {

void list_devices(bool json) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const Device& device : devices()) {
        if (json)
            list.push_back({{"name", device.name}, {"full_name", device.full_name}, {"precisions", device.precisions}});
        else
            print_out("{}: {} ({})\n", device.name, device.full_name, fmt::join(device.precisions, ", "));
    }
    if (json) print_json({{"devices", list}});
}

}  // namespace

void add_devices(CLI::App& app) {
    CLI::App* command = app.add_subcommand("devices", "List the devices that can run models, and their precisions");
    const auto json = std::make_shared<bool>(false);
    command->add_flag("--json", *json, "Print one JSON object, {\"devices\": [...]}");
    command->callback([json] { list_devices(*json); });
}

}  // namespace easel::cli
