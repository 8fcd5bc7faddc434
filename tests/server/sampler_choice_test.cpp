#include "server/sampler_choice.h"

#include <algorithm>
#include <initializer_list>
#include <tuple>

#include <gtest/gtest.h>

#include "server/refusal.h"

namespace easel::server {
namespace {

using Chosen = std::pair<std::optional<std::string>, std::optional<std::string>>;

Chosen chosen(std::string_view sampler, std::string_view scheduler = "") {
    Request request;
    choose_sampler(request, sampler, scheduler, "sampler_name");
    return {request.sampler, request.schedule};
}

TEST(SamplerChoice, TakesTheWebUisNamesAliasesAndOurs) {
    for (const char* name : {"Euler a", "k_euler_a", "euler_a", "EULER A"})
        EXPECT_EQ(chosen(name), Chosen("euler_a", "discrete")) << name;
    EXPECT_EQ(chosen("PLMS"), Chosen("pndm", "discrete"));
}

TEST(SamplerChoice, SplitsOffTheScheduleOfOldNames) {
    EXPECT_EQ(chosen("DPM++ 2M Karras"), Chosen("dpmpp_2m", "karras"));
    EXPECT_EQ(chosen("LMS Karras", "automatic"), Chosen("lms", "karras"));
    EXPECT_EQ(chosen("DPM++ 2M Karras", "Normal"), Chosen("dpmpp_2m", "discrete"));
    EXPECT_EQ(chosen("DPM++ 2M SDE Karras"), Chosen("dpmpp_2m_sde", "karras"));
    EXPECT_EQ(chosen("DPM++ 3M SDE Exponential"), Chosen("dpmpp_3m_sde", "exponential"));
    EXPECT_EQ(chosen("DPM++ SDE Karras"), Chosen("dpmpp_sde", "karras"));
}

TEST(SamplerChoice, LeavesTheModelsOwnWhereNothingIsAsked) {
    EXPECT_EQ(chosen(""), Chosen());
    EXPECT_EQ(chosen("Automatic", "Automatic"), Chosen());
    EXPECT_EQ(chosen("", "KARRAS"), Chosen(std::nullopt, "karras"));
}

TEST(SamplerChoice, MeansTheWebUisScheduleByAutomatic) {
    EXPECT_EQ(chosen("DPM++ 2M"), Chosen("dpmpp_2m", "karras"));
    EXPECT_EQ(chosen("Euler", "Automatic"), Chosen("euler", "discrete"));
    EXPECT_EQ(chosen("DPM++ 2M SDE"), Chosen("dpmpp_2m_sde", "exponential"));
    EXPECT_EQ(automatic_scheduler("DPM++ 3M SDE"), "Exponential");
    EXPECT_EQ(automatic_scheduler("DPM++ SDE"), "Karras");
    EXPECT_EQ(automatic_scheduler("TCD"), "Normal");
}

TEST(SamplerChoice, RefusesWhatItDoesNotKnowByTheFieldsName) {
    try {
        chosen("no such\nsampler");
        FAIL();
    } catch (const Refusal& refusal) {
        EXPECT_EQ(refusal.status(), 400);
        EXPECT_EQ(refusal.field(), "sampler_name");
        EXPECT_NE(std::string(refusal.what()).find("Euler a"), std::string::npos);
        EXPECT_EQ(std::string(refusal.what()).find('\n'), std::string::npos);
    }
    EXPECT_THROW(chosen("Euler a", "no such scheduler"), Refusal);
    EXPECT_THROW(chosen("DDIM CFG++"), Refusal);
}

TEST(SamplerList, HasTheSamplersOfTheTable) {
    std::vector<std::string> names;
    for (const ListedSampler& sampler : listed_samplers()) names.push_back(sampler.name);
    for (const char* name : {"DPM++ 2M SDE", "DPM++ 3M SDE", "DPM++ SDE", "DEIS", "TCD"})
        EXPECT_EQ(std::ranges::count(names, name), 1) << name;
    EXPECT_EQ(names.size(), sampler_names().size());
}

TEST(SamplerList, NamesAreTakenBack) {
    for (const ListedSampler& sampler : listed_samplers()) {
        const Chosen by_name = chosen(sampler.name);
        EXPECT_TRUE(by_name.first.has_value()) << sampler.name;
        for (const std::string& alias : sampler.aliases) EXPECT_EQ(chosen(alias), by_name) << alias;
    }
    for (const ListedScheduler& scheduler : listed_schedulers()) {
        EXPECT_EQ(chosen("", scheduler.name), chosen("", scheduler.label));
    }
}

TEST(SamplerChoice, DropsAScheduleThatTheSamplerCannotFollow) {
    for (const auto& [asked, models_own, kept] :
         std::initializer_list<std::tuple<const char*, const char*, bool>>{{"DDIM", "euler", false},
                                                                           {"Euler a", "ddim", true},
                                                                           {"Euler", "ddim", true},
                                                                           {"", "pndm", false},
                                                                           {"", "dpmpp_2m", true}}) {
        Request request;
        choose_sampler(request, asked, "Karras", "sampler_name");
        drop_schedule_of_no_use(request, models_own);
        EXPECT_EQ(request.schedule.has_value(), kept) << asked << ", " << models_own;
    }
}

}  // namespace
}  // namespace easel::server
