package dev.kelvin.store;

import org.rocksdb.RocksDBException;

/** The database failed: disk full, damaged file, I/O error. The node cannot go on with it. */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public StoreException(RocksDBException cause) {
    super(cause);
  }
}
