package dev.kelvin.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.kelvin.proto.etcdserverpb.CompactionRequest;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RequestOp;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import org.junit.jupiter.api.Test;

class GrowthTest {
  private static final CommandCodec CODEC = CommandCodec.standard();
  private static final ByteString KEY = ByteString.copyFromUtf8("k");
  private static final RequestOp PUT =
      RequestOp.newBuilder().setRequestPut(PutRequest.newBuilder().setKey(KEY)).build();
  private static final RequestOp DELETE =
      RequestOp.newBuilder()
          .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(KEY))
          .build();

  private static boolean adds(CommandKind kind, MessageLite request) {
    return Growth.adds(CODEC, CODEC.encode(kind, 1, 2, 3, request.toByteArray()));
  }

  private static RequestOp nested(TxnRequest.Builder txn) {
    return RequestOp.newBuilder().setRequestTxn(txn).build();
  }

  @Test
  void putsAddAndDeletesAndCompactionsDoNot() {
    assertEquals(true, adds(CommandKind.LEASE_GRANT, Feed.grant(1, 2)));
    assertEquals(false, adds(CommandKind.LEASE_REVOKE, Feed.revoke(1)));
    var expiry = new LeaseCommand.Expire(1, 1).encode();
    assertEquals(
        false, Growth.adds(CODEC, CODEC.encode(CommandKind.LEASE_EXPIRE, 1, 2, 3, expiry)));
    assertEquals(true, adds(CommandKind.PUT, PutRequest.newBuilder().setKey(KEY).build()));
    assertEquals(false, adds(CommandKind.DELETE_RANGE, DELETE.getRequestDeleteRange()));
    assertEquals(false, adds(CommandKind.COMPACT, CompactionRequest.getDefaultInstance()));
    var change = MemberChangeCodec.encode(new MemberChange.Remove(7));
    assertEquals(false, Growth.adds(CODEC, CODEC.encode(CommandKind.MEMBER, 1, 2, 3, change)));
  }

  @Test
  void aTransactionAddsIfAnyBranchOfItPutsHoweverDeep() {
    var deletes = TxnRequest.newBuilder().addSuccess(DELETE).addFailure(DELETE);
    assertEquals(false, adds(CommandKind.TXN, deletes.build()));
    assertEquals(true, adds(CommandKind.TXN, deletes.clone().addFailure(PUT).build()));
    var inner = TxnRequest.newBuilder().addFailure(nested(TxnRequest.newBuilder().addSuccess(PUT)));
    assertEquals(true, adds(CommandKind.TXN, deletes.clone().addSuccess(nested(inner)).build()));
    var harmless = TxnRequest.newBuilder().addSuccess(nested(deletes.clone()));
    assertEquals(false, adds(CommandKind.TXN, harmless.build()));
  }

  @Test
  void whatIsNotUnderstoodCountsAsAdding() {
    assertEquals(true, Growth.adds(CODEC, new byte[3]));
    var unknown = CODEC.encode(CommandKind.COMPACT, 1, 2, 3, new byte[0]);
    unknown[1] = 99;
    assertEquals(true, Growth.adds(CODEC, unknown));
    assertEquals(true, Growth.adds(CODEC, CODEC.encode(CommandKind.TXN, 1, 2, 3, new byte[] {1})));
  }
}
