// Whole pictures of the tiny model with every form of LoRA, every way of prompts and embeddings, against those of
// diffusers and of a merge in torch.
#include <gtest/gtest.h>

#include <easel/easel.h>

#include "pipeline/lora_cases.h"
#include "pipeline/prompt_cases.h"

namespace easel {
namespace {

TEST(LoraPictures, AgreeWithTheReferenceInF32) {
    Engine engine({.model = testing::golden + "tiny/diffusers", .precision = "f32"});
    const auto cases = testing::lora_cases();
    EXPECT_EQ(cases.size(), 35u);
    for (const auto& fields : cases) {
        const double psnr = testing::psnr_of_lora_case(engine, fields);
        RecordProperty(fields.at("name").get<std::string>(), std::to_string(psnr));
        EXPECT_GE(psnr, 45.0) << fields.at("name");
    }
}

TEST(PromptPictures, AgreeWithTheReferenceInF32) {
    Engine engine({.model = testing::golden + "tiny/diffusers", .precision = "f32"});
    const auto cases = testing::cases_of("prompt_cases.json");
    EXPECT_EQ(cases.size(), 18u);
    for (const auto& fields : cases) {
        const double psnr = testing::psnr_of_prompt_case(engine, fields);
        RecordProperty(fields.at("name").get<std::string>(), std::to_string(psnr));
        EXPECT_GE(psnr, 45.0) << fields.at("name");
    }
}

}  // namespace
}  // namespace easel
