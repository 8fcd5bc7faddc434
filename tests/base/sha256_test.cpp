#include "base/sha256.h"

#include <string>

#include <gtest/gtest.h>

namespace easel {
namespace {

std::string of(const std::string& text) { return sha256(std::as_bytes(std::span(text))); }

// From FIPS 180-4's examples, and by sha256sum.
TEST(Sha256, IsThatOfTheStandard) {
    EXPECT_EQ(of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(of(std::string(200, 'a')), "c2a908d98f5df987ade41b5fce213067efbcc21ef2240212a41e54b5e7c28ae5");
}

}  // namespace
}  // namespace easel
