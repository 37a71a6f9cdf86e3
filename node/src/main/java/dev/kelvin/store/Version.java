package dev.kelvin.store;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.mvccpb.KeyValue;

/**
 * One version of a key.
 *
 * @param mod revision that wrote it
 * @param sub order within that revision, from 0
 * @param create revision that created the key
 * @param version count of puts since then, from 1; 0 says that this is a tombstone
 * @param lease attached, or 0
 * @param value null where it has not been read
 */
record Version(long mod, int sub, long create, long version, long lease, ByteString value) {
  static Version tombstone(long mod, int sub) {
    return new Version(mod, sub, 0, 0, 0, ByteString.EMPTY);
  }

  boolean deleted() {
    return version == 0;
  }

  /** The API's form; without value where it was not read. */
  KeyValue toKeyValue(ByteString key) {
    var kv =
        KeyValue.newBuilder()
            .setKey(key)
            .setCreateRevision(create)
            .setModRevision(mod)
            .setVersion(version)
            .setLease(lease);
    if (value != null) {
      kv.setValue(value);
    }
    return kv.build();
  }
}
