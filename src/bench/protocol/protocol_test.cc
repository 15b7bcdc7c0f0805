#include "bench/protocol/protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace tare {
namespace {

using ::testing::HasSubstr;

std::string WorkerErrorOf(const std::string& line) {
  const Result<WorkerMessage> message = DecodeWorkerMessage(line);
  return message.ok() ? "accepted" : message.error().message();
}

HelloMessage DescribedHello() {
  HelloMessage hello{
      .backend = "native", .versions = {{"tare", "1"}}, .device = "cpu", .model = {}};
  hello.model = ModelFacts{.path = "m.gguf",
                           .form = "gguf",
                           .family = "llama",
                           .precision = "Q4_1",
                           .parameters = 7,
                           .file_bytes = 100,
                           .weights_bytes = 90,
                           .bytes_read_per_token = 80,
                           .content_id = "id",
                           .weight_ranges = {{10, 90}},
                           .einsums = {{"ab,bc->ac", "up", 2, true, true, "MatMul"}},
                           .refusal = "family llama is too new",
                           .prompts = {{"Hello", {1, 2}}},
                           .tokenizer_error = "pre is unknown"};
  return hello;
}

TEST(ProtocolTest, HelloWithModelComesThroughWhole) {
  const auto decoded = DecodeWorkerMessage(EncodeWorkerMessage(DescribedHello()));
  ASSERT_TRUE(decoded.ok()) << decoded.error().message();
  const auto& hello = std::get<HelloMessage>(*decoded);
  EXPECT_EQ(hello.backend, "native");
  EXPECT_EQ(hello.versions.at("tare"), "1");
  ASSERT_TRUE(hello.model.has_value());
  EXPECT_EQ(hello.model->form, "gguf");
  EXPECT_EQ(hello.model->weights_bytes, 90u);
  EXPECT_EQ(hello.model->bytes_read_per_token, 80u);
  EXPECT_EQ(hello.model->weight_ranges[0].offset, 10u);
  ASSERT_EQ(hello.model->einsums.size(), 1u);
  EXPECT_EQ(hello.model->einsums[0].equation, "ab,bc->ac");
  EXPECT_TRUE(hello.model->einsums[0].constant_operand);
  EXPECT_EQ(hello.model->refusal, "family llama is too new");
  EXPECT_EQ(hello.model->prompts[0].ids, (std::vector<uint32_t>{1, 2}));
  EXPECT_EQ(hello.model->tokenizer_error, "pre is unknown");
}

TEST(ProtocolTest, RunAndAckComeThroughWhole) {
  RunMessage run{.model = "m",
                 .threads = 3,
                 .sampler = "top_k",
                 .device = "gpu",
                 .generations = {{{"Hi\n\"x\"", {5}}, 9}}};
  const auto decoded = DecodeWatcherMessage(EncodeWatcherMessage(run));
  ASSERT_TRUE(decoded.ok()) << decoded.error().message();
  const auto& got = std::get<RunMessage>(*decoded);
  EXPECT_EQ(got.generations[0].prompt.text, "Hi\n\"x\"");
  EXPECT_EQ(got.generations[0].new_tokens, 9u);
  EXPECT_EQ(got.threads, 3u);
  EXPECT_EQ(got.sampler, "top_k");
  EXPECT_EQ(got.device, "gpu");
  const auto ack = DecodeWatcherMessage(EncodeWatcherMessage(AckMessage{Stage::kFinal}));
  ASSERT_TRUE(ack.ok());
  EXPECT_EQ(std::get<AckMessage>(*ack).stage, Stage::kFinal);
}

TEST(ProtocolTest, TextsAndTheirIdsComeThroughWhole) {
  const auto texts = DecodeWatcherMessage(
      EncodeWatcherMessage(TokenizeMessage{.model = "m.gguf", .texts = {"Hello", ""}}));
  ASSERT_TRUE(texts.ok()) << texts.error().message();
  EXPECT_EQ(std::get<TokenizeMessage>(*texts).model, "m.gguf");
  EXPECT_EQ(std::get<TokenizeMessage>(*texts).texts, (std::vector<std::string>{"Hello", ""}));
  const auto tokens = DecodeWorkerMessage(EncodeWorkerMessage(TokensMessage{{{1, 2}, {}}}));
  ASSERT_TRUE(tokens.ok()) << tokens.error().message();
  EXPECT_EQ(std::get<TokensMessage>(*tokens).ids, (std::vector<std::vector<uint32_t>>{{1, 2}, {}}));
  EXPECT_THAT(WorkerErrorOf(R"({"type":"tokens","ids":[1]})"), HasSubstr("ids"));
  EXPECT_THAT(WorkerErrorOf(R"({"type":"tokens","ids":[[-1]]})"), HasSubstr("ids"));
  EXPECT_THAT(WorkerErrorOf(R"({"type":"tokens"})"), HasSubstr("list"));
}

TEST(ProtocolTest, SequencesToScoreComeThroughWhole) {
  const ScoreMessage score{.model = "m",
                           .threads = 3,
                           .device = "gpu",
                           .sequences = {{1, 2}, {3, 4, 5}},
                           .file = "/tmp/f"};
  const auto decoded = DecodeWatcherMessage(EncodeWatcherMessage(score));
  ASSERT_TRUE(decoded.ok()) << decoded.error().message();
  const auto& got = std::get<ScoreMessage>(*decoded);
  EXPECT_EQ(got.threads, 3u);
  EXPECT_EQ(got.device, "gpu");
  EXPECT_EQ(got.sequences, score.sequences);
  EXPECT_EQ(got.file, "/tmp/f");
  const auto scores = DecodeWorkerMessage(EncodeWorkerMessage(ScoresMessage{3, 500}));
  ASSERT_TRUE(scores.ok()) << scores.error().message();
  EXPECT_EQ(std::get<ScoresMessage>(*scores).vocabulary, 500u);
  const auto one = DecodeWatcherMessage(
      R"({"type":"score","protocol":1,"model":"m","threads":1,"sequences":[[1]],"file":"f"})");
  EXPECT_THAT(one.error().message(), HasSubstr("fewer than two"));
}

TEST(ProtocolTest, AModelThatIsNotKnownComesThroughWhole) {
  HelloMessage hello = DescribedHello();
  hello.model->refusal = "no such architecture";
  hello.model->tokenizer_error = "no such tokenizer";
  const auto decoded = DecodeWorkerMessage(EncodeWorkerMessage(hello));
  ASSERT_TRUE(decoded.ok()) << decoded.error().message();
  const auto& got = std::get<HelloMessage>(*decoded);
  EXPECT_EQ(got.model->refusal, "no such architecture");
  EXPECT_EQ(got.model->tokenizer_error, "no such tokenizer");
}

TEST(ProtocolTest, InvalidUtf8IsReplacedNotRefused) {
  const auto decoded =
      DecodeWorkerMessage(EncodeWorkerMessage(ErrorMessage{"run-error", "bad \xff byte"}));
  ASSERT_TRUE(decoded.ok());
  EXPECT_THAT(std::get<ErrorMessage>(*decoded).message, HasSubstr("bad \xEF\xBF\xBD byte"));
}

TEST(ProtocolTest, UnknownFieldsAreIgnored) {
  EXPECT_EQ(WorkerErrorOf(R"({"type":"stage","stage":"0_INITIAL","mood":"fine"})"), "accepted");
}

TEST(ProtocolTest, BadLinesAreRefusedWithTheReason) {
  EXPECT_THAT(WorkerErrorOf("hello"), HasSubstr("not a JSON text"));
  EXPECT_THAT(WorkerErrorOf("[1]"), HasSubstr("expected a JSON object"));
  EXPECT_THAT(WorkerErrorOf(std::string(100000, '[')), HasSubstr("nests deeper"));
  EXPECT_THAT(WorkerErrorOf("{}"), HasSubstr("\"type\" is missing"));
  EXPECT_THAT(WorkerErrorOf(R"({"type":"run"})"), HasSubstr("unknown message type"));
  EXPECT_THAT(WorkerErrorOf(R"({"type":"stage","stage":"9_END"})"),
              HasSubstr("no stage \"9_END\""));
  EXPECT_THAT(WorkerErrorOf(R"({"type":"error","code":"bored","message":""})"),
              HasSubstr("no error code \"bored\""));
  EXPECT_THAT(WorkerErrorOf(R"({"type":"hello","protocol":2})"), HasSubstr("protocol version 2"));
  EXPECT_THAT(WorkerErrorOf(R"({"type":"hello","protocol":1,"backend":5})"),
              HasSubstr("must be a text"));
  EXPECT_THAT(
      WorkerErrorOf(R"({"type":"hello","protocol":1,"backend":"b","versions":[],"device":"c"})"),
      HasSubstr("must be an object"));
}

std::string ResultLine(const std::string& generation) {
  return R"({"type":"result","load_ns":1,"generations":[)" + generation + "]}";
}

TEST(ProtocolTest, ClaimsInAResultAreRangeChecked) {
  const std::string tail = R"(,"total_ns":9,"text":""})";
  EXPECT_EQ(WorkerErrorOf(ResultLine(R"({"prompt_tokens":1,"ids":[4],"token_ns":[9])" + tail)),
            "accepted");
  EXPECT_THAT(WorkerErrorOf(ResultLine(R"({"prompt_tokens":1,"ids":[4,5],"token_ns":[1])" + tail)),
              HasSubstr("1 token time for 2 ids"));
  EXPECT_THAT(
      WorkerErrorOf(ResultLine(R"({"prompt_tokens":1,"ids":[4,5],"token_ns":[3,2])" + tail)),
      HasSubstr("must never fall"));
  EXPECT_THAT(WorkerErrorOf(ResultLine(R"({"prompt_tokens":1,"ids":[4],"token_ns":[10])" + tail)),
              HasSubstr("after the end"));
  EXPECT_THAT(WorkerErrorOf(ResultLine(R"({"prompt_tokens":1,"ids":[-4],"token_ns":[1])" + tail)),
              HasSubstr("whole numbers in"));
  EXPECT_THAT(
      WorkerErrorOf(ResultLine(R"({"prompt_tokens":1,"ids":[2147483648],"token_ns":[1])" + tail)),
      HasSubstr("whole numbers in"));
  EXPECT_THAT(WorkerErrorOf(ResultLine(R"({"prompt_tokens":1.5,"ids":[4],"token_ns":[1])" + tail)),
              HasSubstr("must be a whole number"));
  EXPECT_THAT(WorkerErrorOf(R"({"type":"result","load_ns":86400000000001,"generations":[]})"),
              HasSubstr("must be a whole number in [0, 86400000000000]"));
  EXPECT_THAT(WorkerErrorOf(R"({"type":"result","load_ns":1,"generations":[{},{},{}]})"),
              HasSubstr("at most 2 objects"));
}

TEST(ProtocolTest, AWorkerMaySeeNoTokenBeforeTheLast) {
  const auto with = [](const std::string& fields) {
    return WorkerErrorOf(
        ResultLine(R"({"prompt_tokens":1,"total_ns":9,"text":"",)" + fields + "}"));
  };
  EXPECT_EQ(with(R"("ids":[4],"token_ns":[])"), "accepted");
  EXPECT_EQ(with(R"("ids":[4,5],"token_ns":[],"decode_ns":9)"), "accepted");
  EXPECT_THAT(with(R"("ids":[4,5],"token_ns":[1,2],"decode_ns":1)"),
              HasSubstr("ids without token_ns"));
  EXPECT_THAT(with(R"("ids":[4],"token_ns":[],"decode_ns":1)"), HasSubstr("at least 2 ids"));
  EXPECT_THAT(with(R"("ids":[4,5],"token_ns":[],"decode_ns":10)"), HasSubstr("not within"));
  EXPECT_THAT(with(R"("ids":[4,5],"token_ns":[],"decode_ns":0)"), HasSubstr("not within"));
}

TEST(ProtocolTest, TheDeviceIsKnownOrRefusedAndTheCpuUnsaid) {
  const auto device_of = [](const std::string& field) -> std::string {
    const auto decoded = DecodeWatcherMessage(
        R"({"type":"run","protocol":1,"model":"m","threads":1,"generations":[])" + field + "}");
    if (!decoded.ok()) return decoded.error().message();
    return std::get<RunMessage>(*decoded).device;
  };
  EXPECT_EQ(device_of(""), "cpu");
  EXPECT_EQ(device_of(R"(,"device":"gpu")"), "gpu");
  EXPECT_THAT(device_of(R"(,"device":"tpu")"), HasSubstr("no device \"tpu\""));
}

TEST(ProtocolTest, TheSamplerIsKnownOrRefusedAndGreedyUnsaid) {
  const auto sampler_of = [](const std::string& field) -> std::string {
    const auto decoded = DecodeWatcherMessage(
        R"({"type":"run","protocol":1,"model":"m","threads":1,"generations":[])" + field + "}");
    if (!decoded.ok()) return decoded.error().message();
    return std::get<RunMessage>(*decoded).sampler;
  };
  EXPECT_EQ(sampler_of(""), "greedy");
  EXPECT_EQ(sampler_of(R"(,"sampler":"top_k")"), "top_k");
  EXPECT_THAT(sampler_of(R"(,"sampler":"lucky")"), HasSubstr("no sampler \"lucky\""));
}

TEST(ProtocolTest, AWeightRangeOutsideTheFileIsRefused) {
  HelloMessage hello = DescribedHello();
  hello.model->weight_ranges = {{50, 51}};
  EXPECT_THAT(WorkerErrorOf(EncodeWorkerMessage(hello)), HasSubstr("ends outside the file"));
  hello.model->weight_ranges = {{UINT64_MAX, 2}};
  EXPECT_THAT(WorkerErrorOf(EncodeWorkerMessage(hello)), HasSubstr("ends outside the file"));
}

}  // namespace
}  // namespace tare
