package dev.kelvin.store;

import org.rocksdb.RocksDBException;

/**
 * The database found no space on the disk. Nothing of the call took effect; it may be repeated, and
 * succeeds once there is space and the database has noticed (a few seconds).
 */
public final class NoSpaceException extends RuntimeException {
  private static final long serialVersionUID = 1;

  NoSpaceException(RocksDBException cause) {
    super(cause.getMessage(), cause);
  }
}
