#pragma once

#include <chrono>
#include <filesystem>
#include <string>

namespace easel::hub {

/// How often a request that failed on the way, or that the hub could not answer now, is tried again.
struct RetryPolicy {
    /// In all, the first one counted. A download that got further begins to count anew.
    int attempts = 5;
    /// Doubled from one attempt to the next.
    std::chrono::milliseconds first_wait{500};
    /// Where the hub asks to wait longer than this (Retry-After), that is told in place of waiting.
    std::chrono::seconds longest_wait{300};
};

/// Where models come from and where they are kept.
struct Options {
    /// Without a slash at the end.
    std::string endpoint = "https://huggingface.co";
    /// The folder with the `models--owner--name` folders.
    std::filesystem::path cache;
    /// Sent to the endpoint alone; empty for none.
    std::string token;
    /// A file of certificates to trust in place of the system's; empty for those.
    std::filesystem::path certificates;
    /// Use only what is in the cache.
    bool offline = false;
    RetryPolicy retry;
};

/// By the environment variables of the Python library huggingface_hub: HF_ENDPOINT; HF_HUB_CACHE, else `hub` in
/// HF_HOME, else in $XDG_CACHE_HOME/huggingface or ~/.cache/huggingface; HF_TOKEN, else the file `token` in HF_HOME.
/// SSL_CERT_FILE names the certificates to trust. EASEL_OFFLINE, HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE, set to
/// anything but 0, false, no or off, asks for offline. Throws Error when one of them cannot be meant.
Options options_from_environment();

}  // namespace easel::hub
