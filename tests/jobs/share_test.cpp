#include "jobs/share.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/files.h"

namespace easel::jobs {
namespace {

using testing::expect_says;
using testing::sentence_of;
using Environment = std::map<std::string, std::string>;

Variables variables(const Environment& environment) {
    return [environment](std::string_view name) -> std::optional<std::string> {
        const auto found = environment.find(std::string(name));
        return found == environment.end() ? std::nullopt : std::optional(found->second);
    };
}

/// "Slurm 3/8", from 1; "?" is a count that is not known, "none" no engine.
std::string place(const Environment& environment) {
    const auto found = place_in_engine(variables(environment));
    if (!found) return "none";
    return found->engine + " " + std::to_string(found->index + 1) + "/" +
           (found->count ? std::to_string(*found->count) : "?");
}

Environment with(Environment environment, const Environment& more) {
    environment.insert(more.begin(), more.end());
    return environment;
}

/// What Slurm sets in a batch script under `-n 4`.
const Environment batch = {{"SLURM_JOB_ID", "77"}, {"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "4"}, {"SLURM_NPROCS", "4"}};

const Environment task_5_of_3_to_9 = {{"SLURM_JOB_ID", "79"},         {"SLURM_ARRAY_JOB_ID", "77"},
                                      {"SLURM_ARRAY_TASK_ID", "5"},   {"SLURM_ARRAY_TASK_MIN", "3"},
                                      {"SLURM_ARRAY_TASK_MAX", "9"},  {"SLURM_ARRAY_TASK_STEP", "2"},
                                      {"SLURM_ARRAY_TASK_COUNT", "4"}};

TEST(EnginePlaces, AreThoseThatEachEngineNames) {
    EXPECT_EQ(place({}), "none");
    EXPECT_EQ(place({{"OMPI_COMM_WORLD_RANK", "3"}, {"OMPI_COMM_WORLD_SIZE", "4"}}), "Open MPI 4/4");
    EXPECT_EQ(place({{"PMI_RANK", "1"}, {"PMI_SIZE", "2"}}), "MPICH 2/2");
    EXPECT_EQ(place({{"SLURM_PROCID", "2"}, {"SLURM_STEP_NUM_TASKS", "4"}, {"SLURM_STEP_ID", "0"}}), "Slurm 3/4");
    EXPECT_EQ(place(task_5_of_3_to_9), "Slurm array 2/4");
    EXPECT_EQ(place({{"JOB_COMPLETION_INDEX", "7"}}), "Kubernetes 8/?");
    EXPECT_EQ(place({{"JOB_COMPLETION_INDEX", "7"}, {"EASEL_SHARE_COUNT", "8"}}), "Kubernetes 8/8");
    EXPECT_EQ(place({{"AWS_BATCH_JOB_ARRAY_INDEX", "0"}, {"AWS_BATCH_JOB_ARRAY_SIZE", "2"}}), "AWS Batch 1/2");
    EXPECT_EQ(place({{"BATCH_TASK_INDEX", "4"}, {"BATCH_TASK_COUNT", "5"}}), "Google Batch 5/5");
    EXPECT_EQ(place({{"CLOUD_RUN_TASK_INDEX", "4"}, {"CLOUD_RUN_TASK_COUNT", "5"}}), "Cloud Run 5/5");
    EXPECT_EQ(
        place({{"SGE_TASK_ID", "11"}, {"SGE_TASK_FIRST", "5"}, {"SGE_TASK_LAST", "15"}, {"SGE_TASK_STEPSIZE", "3"}}),
        "SGE 3/4");
    EXPECT_EQ(place({{"LSB_JOBINDEX", "1"}}), "LSF 1/?");
    EXPECT_EQ(place({{"PARALLEL_SEQ", "1"}}), "GNU parallel 1/?");
}

TEST(EnginePlaces, OfMpiCountRanksAndNotSlurmsNodes) {
    // mpirun in an allocation: its ranks are children of steps with one task for each node.
    EXPECT_EQ(place({{"SLURM_STEP_ID", "0"},
                     {"SLURM_PROCID", "0"},
                     {"SLURM_STEP_NUM_TASKS", "2"},
                     {"OMPI_COMM_WORLD_RANK", "1"},
                     {"OMPI_COMM_WORLD_SIZE", "4"},
                     {"PMIX_RANK", "1"}}),
              "Open MPI 2/4");
    EXPECT_EQ(place({{"PMIX_RANK", "1"}}), "none") << "it has no size";
}

TEST(EnginePlaces, OfABatchScriptAreNotThoseOfTheTasksThatItMayStart) {
    EXPECT_EQ(place(batch), "none") << "it would draw a quarter";
    EXPECT_EQ(place(with(batch, {{"SLURM_STEP_ID", "1"}, {"SLURM_STEP_NUM_TASKS", "2"}})), "Slurm 1/2");
}

TEST(EnginePlaces, OfAnArrayMustBeWithoutGaps) {
    Environment gaps = task_5_of_3_to_9;  // sbatch --array=3,7,9
    gaps["SLURM_ARRAY_TASK_COUNT"] = "3";
    gaps["SLURM_ARRAY_TASK_STEP"] = "1";
    gaps["SLURM_ARRAY_TASK_ID"] = "7";
    expect_says(sentence_of([&] { place(gaps); }), {"Slurm array", "7", "SLURM_ARRAY_TASK_ID", "3 processes"});
    gaps = task_5_of_3_to_9;
    gaps["SLURM_ARRAY_TASK_ID"] = "6";
    expect_says(sentence_of([&] { place(gaps); }), {"steps of 2"});
}

TEST(EnginePlaces, OfAGroupInEachTaskOfAnArrayCountBoth) {
    EXPECT_EQ(
        place(with(task_5_of_3_to_9, {{"SLURM_STEP_ID", "0"}, {"SLURM_PROCID", "2"}, {"SLURM_STEP_NUM_TASKS", "3"}})),
        "Slurm in a Slurm array 6/12");
    EXPECT_EQ(place(with(task_5_of_3_to_9, {{"OMPI_COMM_WORLD_RANK", "0"}, {"OMPI_COMM_WORLD_SIZE", "2"}})),
              "Open MPI in a Slurm array 3/8");
    EXPECT_EQ(place(with(task_5_of_3_to_9, {{"PMI_RANK", "0"}})), "MPICH in a Slurm array 2/?");
}

TEST(EnginePlaces, AreNoneOutsideOfArrays) {
    EXPECT_EQ(place({{"SGE_TASK_ID", "undefined"}, {"SGE_TASK_FIRST", "undefined"}}), "none");
    EXPECT_EQ(place({{"LSB_JOBINDEX", "0"}}), "none");
    EXPECT_EQ(place({{"PARALLEL_SEQ", ""}}), "none");
}

TEST(EnginePlaces, OfPbsBeginWhereTheUserSays) {
    for (const std::string name : {"PBS_ARRAY_INDEX", "PBS_ARRAYID"}) {
        std::vector<std::string> places;
        for (const std::string index : {"5", "6", "7"})
            places.push_back(place({{name, index}, {"EASEL_SHARE_COUNT", "3"}}).substr(name == "PBS_ARRAYID" ? 7 : 8));
        std::ranges::sort(places);
        EXPECT_EQ(places, (std::vector<std::string>{"1/3", "2/3", "3/3"}));
        EXPECT_TRUE(place({{name, "5"}}).ends_with("/?"));
    }
}

TEST(EnginePlaces, FromVariablesThatMakeNoSenseAreRefused) {
    for (const std::string text : {"x", "-1", "1x", " 1", "99999999999999999999"})
        expect_says(sentence_of([&] { place({{"PMI_RANK", text}, {"PMI_SIZE", "2"}}); }), {"PMI_RANK", "no number"});
    expect_says(sentence_of([] { place({{"PMI_RANK", "2"}, {"PMI_SIZE", "2"}}); }), {"MPICH", "PMI_RANK"});
    expect_says(sentence_of([] { place({{"PMI_RANK", "0"}, {"PMI_SIZE", "0"}}); }), {"PMI_RANK"});
    expect_says(sentence_of([] { place({{"PARALLEL_SEQ", "0"}}); }), {"GNU parallel"});
    expect_says(sentence_of([] { place({{"LSB_JOBINDEX", "1"}, {"EASEL_SHARE_COUNT", "0"}}); }), {"EASEL_SHARE_COUNT"});
}

TEST(Shares, AreGivenOrTheEngines) {
    EXPECT_EQ(read_share("3/8", variables({})), (Share{2, 8}));
    EXPECT_EQ(read_share("1/1", variables({{"PMI_RANK", "1"}, {"PMI_SIZE", "2"}})), (Share{0, 1}));
    EXPECT_EQ(read_share("auto", variables({{"PMI_RANK", "1"}, {"PMI_SIZE", "2"}})), (Share{1, 2}));
}

TEST(Shares, ThatDoNotSayWhatToDrawAreRefused) {
    for (const std::string text : {"", "3", "0/8", "9/8", "3/", "/8", "3/8/9", "-1/8", "3/10001", "a/b"})
        expect_says(sentence_of([&] { read_share(text, variables({})); }), {"`share`", "3/8", "auto"});
    expect_says(sentence_of([] { read_share("auto", variables({})); }), {"`share`", "no engine"});
    expect_says(sentence_of([] {
                    read_share("auto", variables({{"PARALLEL_SEQ", "3"}}));
                }),
                {"GNU parallel", "EASEL_SHARE_COUNT", "`share` as 3/COUNT"});
    expect_says(sentence_of([] { read_share("auto", variables(batch)); }), {"no engine"});
}

TEST(EnginePlaces, SpreadWhereTheyBegin) {
    EXPECT_DOUBLE_EQ(begin_of({.engine = "", .job = "", .index = 2, .count = 8}), 0.25);
    std::vector<double> begins;
    for (std::size_t index = 0; index < 8; ++index)
        begins.push_back(begin_of({.engine = "", .job = "", .index = index, .count = {}}));
    EXPECT_EQ(begins.front(), 0.0);
    std::ranges::sort(begins);
    begins.push_back(1.0);
    for (std::size_t i = 1; i < begins.size(); ++i) {
        EXPECT_GT(begins[i] - begins[i - 1], 0.05);
        EXPECT_LT(begins[i] - begins[i - 1], 0.25);
    }
}

}  // namespace
}  // namespace easel::jobs
