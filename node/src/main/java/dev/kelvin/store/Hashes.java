package dev.kelvin.store;

import dev.kelvin.proto.etcdserverpb.HashKVResponse;
import dev.kelvin.proto.etcdserverpb.ResponseHeader;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Hash of the logical contents: every version and deletion after the compacted revision up to the
 * one asked for, and of each key the version that was the newest at the compacted revision. What is
 * older may or may not be gone physically, and so does not count.
 */
final class Hashes {
  private final View view;
  private final long upTo;
  private final long compacted;
  private final CRC32C crc = new CRC32C();
  private byte[] key;

  /** Newest version of the key at or below the compacted revision, met so far. */
  private byte[] baseRow;

  private byte[] baseValue;

  private Hashes(View view, long upTo, long compacted) {
    this.view = view;
    this.upTo = upTo;
    this.compacted = compacted;
  }

  static HashKVResponse hash(View view, long asked, long current, long compacted) {
    long revision = asked <= 0 ? current : asked;
    var hashes = new Hashes(view, revision, compacted);
    view.scan(
        new byte[] {Rows.HISTORY},
        new byte[] {Rows.HISTORY + 1},
        it -> {
          hashes.row(it.key(), it.value());
          return true;
        });
    hashes.endKey();
    return HashKVResponse.newBuilder()
        .setHeader(ResponseHeader.newBuilder().setRevision(current))
        .setHash((int) hashes.crc.getValue())
        .setCompactRevision(compacted)
        .setHashRevision(revision)
        .build();
  }

  private void row(byte[] row, byte[] value) {
    var rowKey = Rows.historyKey(row);
    if (!Arrays.equals(rowKey, key)) {
      endKey();
      key = rowKey;
    }
    long revision = Rows.historyRevision(row);
    if (revision <= compacted) {
      baseRow = row;
      baseValue = value;
    } else if (revision <= upTo) {
      base();
      add(row, value);
    }
  }

  private void endKey() {
    base();
    key = null;
  }

  private void base() {
    if (baseRow != null && baseValue.length > 0) {
      add(baseRow, baseValue);
    }
    baseRow = null;
  }

  private void add(byte[] row, byte[] value) {
    crc.update(row);
    crc.update(value);
    if (value.length > 0) {
      var bytes = view.event(Rows.historyRevision(row), Rows.historySub(row)).value();
      crc.update(bytes.asReadOnlyByteBuffer());
    }
  }
}
