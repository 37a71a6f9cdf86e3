package dev.kelvin.store;

import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** The database failed: disk full, damaged file, I/O error. The node cannot go on with it. */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private static String text(RocksDBException cause) {
    var status = cause.getStatus();
    return status != null && status.getCode() == Status.Code.Corruption
        ? "the store is damaged: " + cause.getMessage()
        : "the store failed: " + cause.getMessage();
  }

  public StoreException(RocksDBException cause) {
    super(text(cause), cause);
  }
}
