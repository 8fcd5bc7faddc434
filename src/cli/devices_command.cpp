#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <easel/easel.h>

#include "cli/commands.h"
#include "cli/console.h"

namespace easel::cli {

void add_devices(CLI::App& app) {
    CLI::App* command = app.add_subcommand("devices", "List the devices that can compute, and in which precisions");
    command->callback([] {
        for (const Device& device : devices())
            give("{}: {} ({})\n", device.name, device.full_name, fmt::join(device.precisions, ", "));
    });
}

}  // namespace easel::cli
