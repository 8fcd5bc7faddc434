#include "hub/options.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/files.h"
#include "hub/http.h"

namespace easel::hub {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t largest_token_file = 4096;
/// The last two are those of huggingface_hub.
constexpr std::array offline_variables = {"EASEL_OFFLINE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"};

std::optional<std::string> environment(const char* name) {
    const char* const value = std::getenv(name);
    if (!value || !*value) return std::nullopt;
    return value;
}

fs::path home() {
    const auto folder = environment("HOME");
    if (!folder) fail("HOME is not set, so the folder of the models is unknown; set HF_HOME to a folder");
    return *folder;
}

/// The folder that a variable names; a "~" at its beginning is the home folder.
std::optional<fs::path> folder_in(const char* variable) {
    const auto value = environment(variable);
    if (!value) return std::nullopt;
    if (*value == "~") return home();
    if (value->starts_with("~/")) return home() / value->substr(2);
    return *value;
}

fs::path hugging_face_home() {
    if (const auto folder = folder_in("HF_HOME")) return *folder;
    if (const auto caches = folder_in("XDG_CACHE_HOME")) return *caches / "huggingface";
    return home() / ".cache" / "huggingface";
}

fs::path cache_folder() {
    for (const char* variable : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"})
        if (const auto folder = folder_in(variable)) return *folder;
    return hugging_face_home() / "hub";
}

/// Spaces and line ends around a token are not part of it. What is left becomes part of a header.
std::string clean_token(std::string token, std::string_view where) {
    const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!token.empty() && is_space(token.back())) token.pop_back();
    token.erase(token.begin(), std::ranges::find_if_not(token, is_space));
    if (!std::ranges::all_of(token, [](char c) { return c > ' ' && c < '\x7f'; }))
        fail("{}: is not an access token: it contains a space or a character that is not ASCII", where);
    return token;
}

std::string token() {
    for (const char* variable : {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"})
        if (const auto value = environment(variable)) return clean_token(*value, variable);
    const fs::path file = folder_in("HF_TOKEN_PATH").value_or(hugging_face_home() / "token");
    std::error_code ignored;
    if (!fs::exists(file, ignored)) return {};
    return clean_token(read_text_file(file, largest_token_file), file.string());
}

std::string endpoint(std::string url) {
    while (url.ends_with('/')) url.pop_back();
    if (!origin_of(url))
        fail(
            "HF_ENDPOINT: it is not the address of a hub; give one like https://host or https://host/path, without a "
            "password");
    return url;
}

/// Set, and to no word that means no.
bool is_on(const char* variable) {
    auto value = environment(variable);
    if (!value) return false;
    std::ranges::transform(*value, value->begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    constexpr std::array<std::string_view, 4> no = {"0", "false", "no", "off"};
    return std::ranges::find(no, *value) == no.end();
}

}  // namespace

Options options_from_environment() {
    Options options;
    options.endpoint = endpoint(environment("HF_ENDPOINT").value_or(options.endpoint));
    options.cache = cache_folder();
    options.certificates = environment("SSL_CERT_FILE").value_or("");
    options.offline = std::ranges::any_of(offline_variables, is_on);
    options.token = token();
    return options;
}

}  // namespace easel::hub
