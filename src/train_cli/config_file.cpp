#include "train_cli/config_file.h"

#include <algorithm>
#include <sstream>

#include <toml++/toml.h>

#include "base/error.h"
#include "base/files.h"

namespace easel::train_cli {
namespace {

std::string at(const std::filesystem::path& path, std::uint32_t line) {
    return fmt::format("{}:{}", path.string(), line);
}

std::string flag_of(std::string key) {
    std::ranges::replace(key, '_', '-');
    return "--" + key;
}

std::string value_of(const toml::node& node, const std::string& key, const std::string& where) {
    if (const auto* truth = node.as_boolean()) return truth->get() ? "true" : "false";
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* whole = node.as_integer()) return fmt::format("{}", whole->get());
    if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
    fail_usage("{}: {} must be a text, a number, true or false; the tables are [text_encoder], [unet] and [vae]", where,
               key);
}

nlohmann::json json_of(const toml::table& table) {
    std::ostringstream text;
    text << toml::json_formatter(table);
    return nlohmann::json::parse(text.str());
}

}  // namespace

ConfigFile read_config_file(const std::filesystem::path& path) {
    toml::table file;
    try {
        file = toml::parse(read_text_file(path), path.string());
    } catch (const toml::parse_error& error) {
        fail("{}: is not valid TOML ({:.200})", at(path, error.source().begin.line), error.description());
    }
    ConfigFile config;
    for (const auto& [name, node] : file) {
        const std::string key(name.str());
        nlohmann::json* const network = key == "text_encoder" ? &config.text_encoder
                                        : key == "unet"       ? &config.unet
                                        : key == "vae"        ? &config.vae
                                                              : nullptr;
        if (network && node.is_table())
            *network = json_of(*node.as_table());
        else
            config.flags.push_back(flag_of(key) + "=" + value_of(node, key, at(path, node.source().begin.line)));
    }
    return config;
}

}  // namespace easel::train_cli
