package dev.kelvin.bench;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.kelvin.proto.etcdserverpb.Compare;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RequestOp;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import dev.kelvin.proto.etcdserverpb.TxnResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The messages of a load: what is sent for a key, and what an answer means. Safe for use by many
 * threads.
 */
final class Requests {
  /** What an answer says. */
  enum Outcome {
    DONE,
    /** The transaction found another mod revision than the one last seen. */
    LOST,
    /** A read that found no key. */
    ABSENT
  }

  private final Op op;
  private final int keyLength;
  private final ByteString value;
  private final Template template;
  private final AtomicLongArray revisions;

  /**
   * @param keys how many keys there are
   * @param keyLength bytes of a key
   * @param valueLength bytes of a value, random and thus incompressible
   */
  Requests(Op op, int keys, int keyLength, int valueLength) {
    this.op = op;
    this.keyLength = keyLength;
    var random = new byte[valueLength];
    new SplittableRandom(42).nextBytes(random);
    this.value = ByteString.copyFrom(random);
    ByteString hole = Template.hole(keyLength);
    this.template =
        switch (op) {
          case PUT, FILL ->
              new Template(PutRequest.newBuilder().setKey(hole).setValue(value).build(), keyLength);
          case GET -> new Template(RangeRequest.newBuilder().setKey(hole).build(), keyLength);
          case SGET ->
              new Template(
                  RangeRequest.newBuilder().setKey(hole).setSerializable(true).build(), keyLength);
          case CAS -> null;
        };
    this.revisions = op == Op.CAS ? new AtomicLongArray(keys) : null;
  }

  io.grpc.MethodDescriptor<byte[], byte[]> method() {
    return switch (op) {
      case PUT, FILL -> Wire.PUT;
      case GET, SGET -> Wire.RANGE;
      case CAS -> Wire.TXN;
    };
  }

  /** Remembers a key's mod revision, for the transactions to compare with. */
  void seen(int key, long modRevision) {
    revisions.set(key, modRevision);
  }

  byte[] encode(int key) {
    if (op != Op.CAS) {
      return template.request(key);
    }
    var name = ByteString.copyFrom(Template.key(key, keyLength));
    return TxnRequest.newBuilder()
        .addCompare(
            Compare.newBuilder()
                .setResult(Compare.CompareResult.EQUAL)
                .setTarget(Compare.CompareTarget.MOD)
                .setKey(name)
                .setModRevision(revisions.get(key)))
        .addSuccess(
            RequestOp.newBuilder()
                .setRequestPut(PutRequest.newBuilder().setKey(name).setValue(value)))
        .addFailure(RequestOp.newBuilder().setRequestRange(RangeRequest.newBuilder().setKey(name)))
        .build()
        .toByteArray();
  }

  Outcome decode(int key, byte[] answer) {
    return switch (op) {
      case PUT, FILL -> Outcome.DONE;
      // A header is at most 36 bytes, and a key found adds itself and its value.
      case GET, SGET -> answer.length > keyLength + value.size() ? Outcome.DONE : Outcome.ABSENT;
      case CAS -> transaction(key, answer);
    };
  }

  private Outcome transaction(int key, byte[] answer) {
    try {
      long revision = revisionIfSucceeded(answer);
      if (revision > 0) {
        revisions.set(key, revision);
        return Outcome.DONE;
      }
      var read = TxnResponse.parseFrom(answer).getResponses(0).getResponseRange();
      revisions.set(key, read.getKvsCount() == 0 ? 0 : read.getKvs(0).getModRevision());
      return Outcome.LOST;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The revision of the answer's header where the transaction succeeded, else 0. */
  private static long revisionIfSucceeded(byte[] answer) throws IOException {
    var in = CodedInputStream.newInstance(answer);
    long revision = 0;
    boolean succeeded = false;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case TxnResponse.HEADER_FIELD_NUMBER -> {
          int outer = in.pushLimit(in.readRawVarint32());
          for (int inner = in.readTag(); inner != 0; inner = in.readTag()) {
            if (WireFormat.getTagFieldNumber(inner) == 3) {
              revision = in.readInt64();
            } else {
              in.skipField(inner);
            }
          }
          in.popLimit(outer);
        }
        case TxnResponse.SUCCEEDED_FIELD_NUMBER -> succeeded = in.readBool();
        default -> in.skipField(tag);
      }
    }
    return succeeded ? revision : 0;
  }
}
