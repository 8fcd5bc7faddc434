#include "ir/check.h"

#include <chrono>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/files.h"

namespace easel {
namespace {

std::string layer(int id, const std::string& type, const std::string& data, const std::string& dims = "") {
    return fmt::format(
        R"(<layer id="{}" name="l{}" type="{}" version="opset1"><data {}/><output><port id="0">{}</port></output></layer>)",
        id, id, type, data, dims);
}

/// One with so many inputs.
std::string fed_layer(int id, const std::string& type, int inputs, const std::string& version = "opset1") {
    std::string ports;
    for (int i = 0; i < inputs; ++i) ports += fmt::format(R"(<port id="{}"/>)", i);
    return fmt::format(R"(<layer id="{}" type="{}" version="{}"><input>{}</input></layer>)", id, type, version, ports);
}

std::string net(const std::string& layers, const std::string& edges = "", const std::string& version = "11") {
    return fmt::format(R"(<?xml version="1.0"?><net name="n" version="{}"><layers>{}</layers><edges>{}</edges></net>)",
                       version, layers, edges);
}

std::string edge(int from, int to, int to_port = 0) {
    return fmt::format(R"(<edge from-layer="{}" from-port="0" to-layer="{}" to-port="{}"/>)", from, to, to_port);
}

std::string constant(const std::string& data) { return net(layer(0, "Const", data)); }

/// The sentence of the refusal, which must come at once.
std::string refusal(const std::string& xml, std::uint64_t bin_size = 100) {
    const auto begin = std::chrono::steady_clock::now();
    const std::string sentence = testing::sentence_of([&] { check_ir(xml, bin_size, "x.xml"); });
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    EXPECT_LT(seconds.count(), 1.0) << sentence;
    return sentence;
}

TEST(IrCheck, FilesThatOthersExportedAreSound) {
    for (const char* stem : {"ir-2022/text_encoder", "ir-2022/unet", "ir-2022/vae_decoder", "ir-2022/vae_encoder",
                             "ir-optimum/text_encoder/openvino_model", "ir-optimum/unet/openvino_model",
                             "ir-optimum/vae_decoder/openvino_model", "ir-optimum/vae_encoder/openvino_model"}) {
        const std::string path = std::string("golden/tiny/") + stem;
        EXPECT_NO_THROW(check_ir(testing::read_file(path + ".xml"), std::filesystem::file_size(path + ".bin"), path));
    }
}

TEST(IrCheck, SmallNetworkIsSound) {
    EXPECT_NO_THROW(check_ir(net(layer(0, "Parameter", R"(shape="?,2..8,-1" element_type="f32")") +
                                     layer(1, "Const", R"(element_type="f16" shape="2, 3" offset="4" size="12")") +
                                     layer(2, "Const", R"(element_type="u4" shape="3" offset="98" size="2")") +
                                     fed_layer(3, "Gather", 3, "opset8"),
                                 edge(0, 3) + edge(1, 3, 1) + edge(2, 3, 2)),
                             100, "x.xml"));
}

TEST(IrCheck, WhatIsNoIrIsRefused) {
    EXPECT_EQ(refusal("<net version=\"11\"><layers>"), "x.xml: is not readable XML (Start-end tags mismatch)");
    EXPECT_EQ(refusal("<html/>"), "x.xml: is not an OpenVINO IR of version 10 or 11");
    EXPECT_EQ(refusal(net(layer(0, "Parameter", ""), "", "7")), "x.xml: is not an OpenVINO IR of version 10 or 11");
    EXPECT_EQ(refusal(net("")), "x.xml: has no layers");
    EXPECT_NE(refusal(""), "");
    EXPECT_NE(refusal(std::string("\0\xff<net", 6)), "");
}

TEST(IrCheck, DeepNestingIsRefused) {
    for (const int depth : {70, 50'000, 1'000'000}) {
        std::string xml = "<net version=\"11\"><layers><layer id=\"0\">";
        for (int i = 0; i < depth; ++i) xml += "<a>";
        for (int i = 0; i < depth; ++i) xml += "</a>";
        EXPECT_EQ(refusal(xml + "</layer></layers></net>"), "x.xml: its XML is nested more than 64 levels deep");
        EXPECT_NE(refusal(xml), "");  // never closed
    }
}

TEST(IrCheck, TooManyLayersAreRefused) {
    std::string layers;
    for (int i = 0; i <= 50'000; ++i) layers += fmt::format(R"(<layer id="{}" type="ReLU"/>)", i);
    EXPECT_EQ(refusal(net(layers)), "x.xml: has more than 50000 layers");
}

TEST(IrCheck, LongChainsAndCirclesAreRefused) {
    std::string layers, edges;
    for (int i = 0; i < 20'000; ++i) layers += i == 0 ? layer(i, "Parameter", "") : fed_layer(i, "ReLU", 1);
    for (int i = 1; i < 20'000; ++i) edges += edge(i - 1, i);
    EXPECT_EQ(refusal(net(layers, edges)), "x.xml: has a chain of more than 10000 layers");
    EXPECT_EQ(refusal(net(fed_layer(0, "ReLU", 1) + fed_layer(1, "ReLU", 1), edge(0, 1) + edge(1, 0))),
              "x.xml: its layers feed each other in a circle");
    EXPECT_EQ(refusal(net(layer(0, "Parameter", ""), edge(0, 7))),
              "x.xml: has an edge to the layer \"7\", which is not there");
    EXPECT_EQ(refusal(net(layer(3, "Parameter", "") + layer(3, "Parameter", ""))),
              "x.xml: has two layers with the id 3");
    EXPECT_EQ(refusal(net(layer(-3, "Parameter", ""))), "x.xml: has a layer whose id is not a whole number");
}

TEST(IrCheck, OperationsThatSuchNetworksDoNotConsistOfAreRefused) {
    for (const char* type : {"ReadValue", "Assign", "RandomUniform", "Constant", "const", "Bogus", ""})
        EXPECT_EQ(refusal(net(fed_layer(0, type, 0))),
                  fmt::format("x.xml: the layer 0 is of the type \"{}\", which Stable Diffusion's networks do not have",
                              type));
    for (const char* set : {"extension", "experimental", "/lib/evil.so", "opset", "opset1x", ""})
        EXPECT_EQ(
            refusal(net(fed_layer(0, "ReLU", 1, set))),
            fmt::format("x.xml: the layer 0 is of the operation set \"{}\", which is not one of OpenVINO's own", set));
}

TEST(IrCheck, LayersHaveTheInputsThatTheirOperationTakes) {
    // The runtime's reader looks for inputs that these do not have.
    EXPECT_EQ(refusal(net(fed_layer(0, "Slice", 2, "opset8"))), "x.xml: the layer 0 is a Slice of 2 inputs");
    EXPECT_EQ(refusal(net(fed_layer(0, "ReLU", 2))), "x.xml: the layer 0 is a ReLU of 2 inputs");
    const std::string layers = layer(0, "Parameter", "") + fed_layer(1, "Add", 2);
    EXPECT_NO_THROW(check_ir(net(layers, edge(0, 1) + edge(0, 1, 1)), 100, "x.xml"));
    const std::string unfed = "x.xml: has a layer whose inputs do not each come from one other layer";
    EXPECT_EQ(refusal(net(layers)), unfed);
    EXPECT_EQ(refusal(net(layers, edge(0, 1))), unfed);
    EXPECT_EQ(refusal(net(layers, edge(0, 1) + edge(0, 1, 1) + edge(0, 1, 1))), unfed);
}

TEST(IrCheck, ElementsOfManyAttributesAreRefused) {
    std::string attributes;
    for (int i = 0; i < 1'000'000; ++i) attributes += fmt::format(" a{}=\"1\"", i);
    EXPECT_EQ(refusal("<net version=\"11\"" + attributes + "><layers/></net>"),
              "x.xml: has an element of more than 100 attributes");
}

TEST(IrCheck, NetworksInsideOfLayersAreRefused) {
    EXPECT_EQ(refusal(net("<layer id=\"0\" type=\"Loop\"><body><layers/></body></layer>")),
              "x.xml: has a network inside a layer, which Stable Diffusion's networks do not have");
}

TEST(IrCheck, ConstantsBeyondTheirFileAreRefused) {
    EXPECT_EQ(refusal(constant(R"(element_type="f32" shape="1" offset="97" size="4")")),
              "x.xml: the constant 0 reaches beyond the 100 bytes of its .bin file (offset 97, size 4)");
    EXPECT_NE(refusal(constant(R"(element_type="f32" shape="1" offset="18446744073709551615" size="4")"))
                  .find("reaches beyond"),
              std::string::npos);
    EXPECT_NE(refusal(constant(R"(element_type="f32" shape="1" offset="0" size="18446744073709551615")"))
                  .find("reaches beyond"),
              std::string::npos);
    for (const char* data :
         {R"(element_type="f32" shape="1" size="4")", R"(element_type="f32" shape="1" offset="-4" size="4")",
          R"(element_type="f32" shape="1" offset="1e1" size="4")"})
        EXPECT_EQ(refusal(constant(data)), "x.xml: the constant 0 does not say where its data lies") << data;
}

TEST(IrCheck, ConstantsOfAnotherSizeThanTheirShapeAreRefused) {
    EXPECT_EQ(refusal(constant(R"(element_type="f32" shape="2, 3" offset="0" size="20")")),
              "x.xml: the constant 0 of type f32 and shape [2, 3] needs 24 bytes, but has 20");
    EXPECT_EQ(refusal(constant(R"(element_type="string" shape="2" offset="0" size="20")")),
              "x.xml: the constant 0 is of the type \"string\", which no network here has");
    EXPECT_EQ(refusal(constant(R"(element_type="f32" shape="?" offset="0" size="20")")),
              "x.xml: the constant 0 has no fixed shape");
    std::string sides = "1";
    for (int i = 0; i < 10'000; ++i) sides += ",1";
    EXPECT_LT(refusal(constant(R"(element_type="f32" offset="0" size="20" shape=")" + sides + "\"")).size(), 300u);
    // Products that 64 bits do not hold.
    EXPECT_EQ(refusal(constant(R"(element_type="u8" shape="2147483647,2147483647,2147483647" offset="0" size="1")")),
              "x.xml: the constant 0 has more than 1099511627776 elements");
    EXPECT_EQ(refusal(constant(R"(element_type="u8" shape="65536,65536,65536,65536" offset="0" size="0")")),
              "x.xml: the constant 0 has more than 1099511627776 elements");
}

TEST(IrCheck, ImpossibleDimensionsAreRefused) {
    EXPECT_EQ(refusal(net(layer(0, "Parameter", R"(shape="1,1000000000000" element_type="f32")"))),
              "x.xml: the layer 0 has the impossible dimension \"1000000000000\"");
    EXPECT_EQ(refusal(net(layer(0, "Parameter", "", "<dim>1000000000000</dim>"))),
              "x.xml: the layer 0 has the impossible dimension \"1000000000000\"");
    EXPECT_EQ(refusal(net(layer(0, "Parameter", "", "<dim>-2</dim>"))),
              "x.xml: the layer 0 has the impossible dimension \"-2\"");
    EXPECT_EQ(refusal(net(layer(0, "Parameter", "", "<dim>2000000000</dim><dim>2000000000</dim>"))),
              "x.xml: a tensor of the layer 0 has more than 1099511627776 elements");
}

TEST(IrCheck, OtherFilesAreNotNamed) {
    EXPECT_EQ(refusal("<!DOCTYPE net SYSTEM \"file:///etc/passwd\">" + net(layer(0, "Parameter", "")).substr(21)),
              "x.xml: has a document type, which no IR needs");
    EXPECT_EQ(refusal(net(layer(0, "Const", R"(weights_path="/etc/passwd")"))),
              "x.xml: the layer 0 names the file \"/etc/passwd\"; an IR whose data lies in other files is not opened");
}

}  // namespace
}  // namespace easel
