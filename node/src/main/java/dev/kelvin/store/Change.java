package dev.kelvin.store;

import dev.kelvin.proto.mvccpb.KeyValue;

/**
 * One change of one key, as watchers are told of it.
 *
 * @param kv the version that came about; of a deletion, key and revision only
 * @param previousMod revision of the version before; 0 if the key did not exist
 * @param previousSub order of that version within its revision
 */
public record Change(KeyValue kv, boolean deletion, long previousMod, int previousSub) {
  /** Revision of the request that made it; all its changes are one. */
  public long revision() {
    return kv.getModRevision();
  }
}
