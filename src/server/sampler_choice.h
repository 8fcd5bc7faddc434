#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <easel/easel.h>

namespace easel::server {

/// A sampler as AUTOMATIC1111's web UI lists it.
struct ListedSampler {
    /// "DPM++ 2M"
    std::string name;
    /// "k_dpmpp_2m", "dpmpp_2m"
    std::vector<std::string> aliases;
};
std::vector<ListedSampler> listed_samplers();

/// A way to space the steps, as the web UI lists it.
struct ListedScheduler {
    std::string_view name, label;
};
std::vector<ListedScheduler> listed_schedulers();

/// The label of the one that the web UI's "Automatic" means for a sampler, by the name in the list.
std::string_view automatic_scheduler(std::string_view sampler);

/// Sets the request's sampler and schedule by the names that clients use: those of the lists, their aliases, easel's
/// own, and old ones with the schedule at the end ("DPM++ 2M Karras"). An empty name, or "Automatic", leaves the
/// model's own; with a sampler, "Automatic" is what the web UI means by it. Throws Refusal (400) on an unknown name,
/// about `sampler_field` or "scheduler".
void choose_sampler(Request& request, std::string_view sampler, std::string_view scheduler,
                    std::string_view sampler_field);

/// The web UI offers all schedules with all samplers, and ignores them with DDIM and PLMS. `models_sampler` is used
/// where the request names none.
void drop_schedule_of_no_use(Request& request, const std::string& models_sampler);

}  // namespace easel::server
