package dev.kelvin.store;

import org.rocksdb.Env;

/** Where the store's databases live: the live one, checkpoints, and snapshots coming in. */
public interface StoreDirectory {
  Env env();

  /** Path of the live database; nothing may be there yet. */
  String live();

  /** A path inside the same file system that nothing has used. */
  String fresh();

  /**
   * Makes the database at {@code path} the live one, atomically and durably.
   *
   * @throws java.io.UncheckedIOException when that could not be; the other one is live still
   * @throws IllegalStateException when nobody can tell which one a restart would find live
   */
  void adopt(String path);

  /** Deletes what is at {@code path}, if anything. */
  void discard(String path);
}
