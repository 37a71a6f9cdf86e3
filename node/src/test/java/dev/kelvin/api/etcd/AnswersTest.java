package dev.kelvin.api.etcd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.kelvin.api.FakeNode;
import dev.kelvin.member.Node;
import dev.kelvin.proto.etcdserverpb.CompactionResponse;
import dev.kelvin.proto.etcdserverpb.DeleteRangeResponse;
import dev.kelvin.proto.etcdserverpb.HashKVResponse;
import dev.kelvin.proto.etcdserverpb.PutResponse;
import dev.kelvin.proto.etcdserverpb.RangeResponse;
import dev.kelvin.proto.etcdserverpb.ResponseHeader;
import dev.kelvin.proto.etcdserverpb.ResponseOp;
import dev.kelvin.proto.etcdserverpb.TxnResponse;
import dev.kelvin.proto.mvccpb.KeyValue;
import dev.kelvin.store.Outcome;
import dev.kelvin.store.StoreError;
import org.junit.jupiter.api.Test;

/** What is encoded by hand must be what protobuf would have made of the whole message. */
class AnswersTest {
  private static final long REVISION = 1L << 40;
  private static final ResponseHeader FROM_STORE =
      ResponseHeader.newBuilder().setRevision(REVISION).build();
  private static final ResponseHeader FULL =
      FROM_STORE.toBuilder()
          .setClusterId(FakeNode.CLUSTER)
          .setMemberId(FakeNode.MEMBER)
          .setRaftTerm(FakeNode.TERM)
          .build();
  private static final KeyValue KV =
      KeyValue.newBuilder()
          .setKey(ByteString.copyFromUtf8("key"))
          .setValue(ByteString.copyFrom(new byte[1000]))
          .setCreateRevision(3)
          .setModRevision(REVISION)
          .setVersion(2)
          .setLease(-1)
          .build();

  private final FakeNode node = new FakeNode();
  private final Answers answers = new Answers(node);

  private void assertEncoded(MessageLite expected, Outcome outcome) {
    assertArrayEquals(expected.toByteArray(), answers.encode(outcome));
  }

  @Test
  void puts() {
    var plain = PutResponse.newBuilder().setHeader(FULL).build();
    assertEncoded(plain, new Outcome.PutDone(REVISION));
    var previous = PutResponse.newBuilder().setHeader(FROM_STORE).setPrevKv(KV);
    assertEncoded(previous.clone().setHeader(FULL).build(), new Outcome.Done(previous.build()));
  }

  @Test
  void ranges() {
    var range =
        RangeResponse.newBuilder()
            .setHeader(FROM_STORE)
            .addKvs(KV)
            .addKvs(KeyValue.getDefaultInstance())
            .setMore(true)
            .setCount(300);
    assertEncoded(range.clone().setHeader(FULL).build(), new Outcome.Done(range.build()));
    var nothing = RangeResponse.newBuilder().setHeader(FROM_STORE);
    assertEncoded(nothing.clone().setHeader(FULL).build(), new Outcome.Done(nothing.build()));
  }

  @Test
  void deletions() {
    var deletion =
        DeleteRangeResponse.newBuilder().setHeader(FROM_STORE).setDeleted(2).addPrevKvs(KV);
    assertSameMessage(
        deletion.clone().setHeader(FULL).build(),
        answers.encode(new Outcome.Done(deletion.build())));
  }

  /** Fields may come in another order than protobuf writes them. */
  private static void assertSameMessage(MessageLite expected, byte[] bytes) {
    try {
      assertEquals(expected, expected.getParserForType().parseFrom(bytes));
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
    assertEquals(expected.getSerializedSize(), bytes.length);
  }

  @Test
  void transactions() {
    var txn =
        TxnResponse.newBuilder()
            .setHeader(FROM_STORE)
            .setSucceeded(true)
            .addResponses(
                ResponseOp.newBuilder()
                    .setResponseRange(RangeResponse.newBuilder().addKvs(KV).setCount(1)))
            .addResponses(
                ResponseOp.newBuilder()
                    .setResponsePut(PutResponse.newBuilder().setHeader(FROM_STORE)));
    assertSameMessage(
        txn.clone().setHeader(FULL).build(), answers.encode(new Outcome.Done(txn.build())));
  }

  @Test
  void compactionsAndHashes() {
    assertEncoded(
        CompactionResponse.newBuilder().setHeader(FULL).build(),
        new Outcome.Done(CompactionResponse.newBuilder().setHeader(FROM_STORE).build()));
    var hash = HashKVResponse.newBuilder().setHeader(FROM_STORE).setHash(-5).setHashRevision(9);
    assertEncoded(hash.clone().setHeader(FULL).build(), new Outcome.Done(hash.build()));
  }

  @Test
  void aNodeThatLostItsReplicaStillAnswers() {
    node.state = Node.State.REMOVED;
    var header = FULL.toBuilder().clearRaftTerm();
    assertEncoded(
        PutResponse.newBuilder().setHeader(header).build(), new Outcome.PutDone(REVISION));
  }

  @Test
  void aRefusalIsNoAnswer() {
    var refusal = new Outcome.Failed(StoreError.COMPACTED);
    assertThrows(IllegalStateException.class, () -> answers.encode(refusal));
  }
}
