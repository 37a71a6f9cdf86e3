package dev.kelvin.sim;

import dev.kelvin.store.StoreDirectory;
import org.rocksdb.Env;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksMemEnv;

/**
 * A store's disk in memory. All share one file system, so that a snapshot's files can be handed
 * over by path. With {@link dev.kelvin.store.StoreConfig#simulated} closing the store is a power
 * loss; the next store opened here finds what had been flushed.
 */
public final class SimStoreDirectory implements StoreDirectory {
  private static final Env ENV = environment();
  private static long last;

  private String live = fresh();

  private static Env environment() {
    RocksDB.loadLibrary();
    return new RocksMemEnv(Env.getDefault());
  }

  private static synchronized String unused() {
    last++;
    return "/sim-store-" + last;
  }

  @Override
  public Env env() {
    return ENV;
  }

  @Override
  public synchronized String live() {
    return live;
  }

  @Override
  public String fresh() {
    return unused();
  }

  @Override
  public synchronized void adopt(String path) {
    live = path;
  }

  @Override
  public void discard(String path) {
    try (var options = new Options().setEnv(ENV)) {
      RocksDB.destroyDB(path, options);
    } catch (RocksDBException e) {
      throw new IllegalStateException(e);
    }
  }
}
