// The schedules of the end-to-end cases, as the diffusers pipelines had them: golden/traces.safetensors.

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/files.h"
#include "base/json.h"
#include "diffusion/near.h"
#include "diffusion/sampler.h"
#include "diffusion/sampler_kind.h"
#include "diffusion/scheduler_json.h"
#include "diffusion/scheduler_policy.h"
#include "weights/safetensors.h"

namespace easel {
namespace {

std::vector<double> doubles(const TensorView& tensor) {
    std::vector<double> values(tensor.bytes.size() / sizeof(double));
    std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
    return values;
}

TEST(Traces, TimestepsAndSigmasOfEveryCaseAreThoseOfThePipelines) {
    const SafetensorsFile traces("golden/traces.safetensors");
    const nlohmann::json cases = parse_json(read_text_file("golden/cases.json"), "golden/cases.json");
    ASSERT_GT(cases.size(), 80u);
    for (const auto& expected : cases) {
        const std::string name = expected["name"];
        SCOPED_TRACE(name);
        const std::string path = "golden/" + expected["scheduler_config"].get<std::string>();
        SchedulerConfig config = parse_scheduler_config(read_text_file(path), path).config;
        EXPECT_EQ(config.sampler->name, expected["sampler"].get<std::string>());
        correct_for_stable_diffusion(config, expected["kind"] == "inpaint");
        const auto sampler = make_sampler(make_plan(config, expected["steps"], expected["eta"].get<double>()));

        testing::expect_relative(sampler->timesteps(), doubles(traces.tensors().at(name + ".timesteps")), 2e-7);
        const auto sigmas = traces.tensors().find(name + ".sigmas");
        if (sigmas != traces.tensors().end())
            testing::expect_relative(sampler->sigmas(), doubles(sigmas->second), 2e-7);
        else
            EXPECT_TRUE(sampler->sigmas().empty());

        // One trace of latents for each call of the network.
        const std::size_t calls = traces.tensors().at(name + ".latents").shape[0];
        const std::size_t first = expected["strength"].is_null() ? 0 : sampler->first_step(expected["strength"]);
        EXPECT_EQ(sampler->timesteps().size() - first, calls);
    }
}

}  // namespace
}  // namespace easel
