package dev.kelvin.store;

import org.rocksdb.Env;

/** Where the store's databases live: the live one, checkpoints, and snapshots coming in. */
public interface StoreDirectory {
  Env env();

  /** Path of the live database; nothing may be there yet. */
  String live();

  /** A path inside the same file system that nothing has used. */
  String fresh();

  /** Makes the database at {@code path} the live one, atomically and durably. */
  void adopt(String path);

  /** Deletes what is at {@code path}, if anything. */
  void discard(String path);
}
