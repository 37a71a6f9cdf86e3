package dev.kelvin.bench;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.KVGrpc;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.mvccpb.KeyValue;
import io.grpc.Channel;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Reads many keys, page by page, all at the revision of the first page. */
final class Reader {
  private static final int PAGE = 10_000;
  private static final long DEADLINE_SECONDS = 30;

  private final KVGrpc.KVBlockingStub kv;

  Reader(Channel channel) {
    this.kv = KVGrpc.newBlockingStub(channel);
  }

  /** Receives a key's number and mod revision. */
  interface Revisions {
    void seen(int key, long modRevision);
  }

  /** Tells the mod revisions of the load's keys {@code 0} to {@code keys - 1} that exist. */
  void modRevisions(int keyLength, int keys, Revisions revisions) {
    var from = ByteString.copyFrom(Template.key(0, keyLength));
    var to = ByteString.copyFrom(Template.key(keys - 1L, keyLength)).concat(ZERO);
    range(
        from,
        to,
        true,
        kv -> {
          if (kv.getKey().size() == keyLength) {
            revisions.seen((int) Template.number(kv.getKey().toByteArray()), kv.getModRevision());
          }
        });
  }

  private static final ByteString ZERO = ByteString.copyFrom(new byte[1]);

  /** Every key from {@code from}, inclusive, to {@code to}, exclusive, in order. */
  void range(ByteString from, ByteString to, boolean keysOnly, Consumer<KeyValue> each) {
    var next = from;
    long revision = 0;
    while (true) {
      var page =
          kv.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
              .range(
                  RangeRequest.newBuilder()
                      .setKey(next)
                      .setRangeEnd(to)
                      .setLimit(PAGE)
                      .setKeysOnly(keysOnly)
                      .setRevision(revision)
                      .build());
      page.getKvsList().forEach(each);
      if (!page.getMore()) {
        return;
      }
      revision = revision == 0 ? page.getHeader().getRevision() : revision;
      next = page.getKvs(page.getKvsCount() - 1).getKey().concat(ZERO);
    }
  }
}
