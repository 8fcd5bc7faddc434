#pragma once

#include <chrono>
#include <filesystem>
#include <string>

namespace easel::hub {

/// How often a request is retried that failed on the way or that the hub could not answer.
struct RetryPolicy {
    /// In total, including the first one. Progress of a download resets the count.
    int attempts = 5;
    /// Doubled from one attempt to the next.
    std::chrono::milliseconds first_wait{500};
    /// If the hub asks to wait longer than this (Retry-After), the request fails and says so.
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
    /// A file of certificates to trust instead of the system's; empty for the system's.
    std::filesystem::path certificates;
    /// Use only what is in the cache.
    bool offline = false;
    RetryPolicy retry;
};

/// From the environment variables of the Python library huggingface_hub: HF_ENDPOINT; HF_HUB_CACHE, else `hub` in
/// HF_HOME, else in $XDG_CACHE_HOME/huggingface or ~/.cache/huggingface; HF_TOKEN, else the file `token` in HF_HOME.
/// SSL_CERT_FILE names the certificates to trust. EASEL_OFFLINE, HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE, set to
/// anything but 0, false, no or off, requests offline use. Throws Error if the value of one of them makes no sense.
Options options_from_environment();

}  // namespace easel::hub
