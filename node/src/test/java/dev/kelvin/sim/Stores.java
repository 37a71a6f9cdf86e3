package dev.kelvin.sim;

import dev.kelvin.store.CommandCodec;
import dev.kelvin.store.Store;
import dev.kelvin.store.StoreConfig;
import dev.kelvin.store.StoreDirectory;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.rocksdb.Checkpoint;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.Env;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksMemEnv;

/**
 * The stores of all members of one run, real RocksDB in one file system in memory. What a store has
 * not flushed is lost when it is closed, which is how its process dies.
 */
final class Stores implements AutoCloseable {
  private final RocksMemEnv env;
  private final Set<Store> open = new HashSet<>();

  Stores() {
    RocksDB.loadLibrary();
    env = new RocksMemEnv(Env.getDefault());
  }

  /** The directory of one member's volume. */
  final class Directory implements StoreDirectory {
    private final String path;
    private final Set<String> used = new HashSet<>();
    private String live;
    private int next;

    private Directory(String path) {
      this.path = path;
      this.live = fresh();
    }

    @Override
    public Env env() {
      return env;
    }

    @Override
    public String live() {
      return live;
    }

    @Override
    public String fresh() {
      var fresh = path + "-" + next++;
      used.add(fresh);
      return fresh;
    }

    @Override
    public void adopt(String adopted) {
      live = adopted;
    }

    @Override
    public void discard(String discarded) {
      if (used.remove(discarded)) {
        try (var options = options()) {
          RocksDB.destroyDB(discarded, options);
        } catch (RocksDBException e) {
          throw new IllegalStateException("cannot delete " + discarded, e);
        }
      }
    }

    /** Deletes what a process that died left over, as the next one does when it starts. */
    private void tidy() {
      for (var left : Set.copyOf(used)) {
        if (!left.equals(live)) {
          discard(left);
        }
      }
    }

    /** Copies a database that another member made in here. */
    String copy(String other) {
      var copy = fresh();
      var families = new ArrayList<ColumnFamilyHandle>();
      try (var options = options();
          var all = new DBOptions(options);
          var db = RocksDB.open(all, other, families(options, other), families);
          var checkpoint = Checkpoint.create(db)) {
        checkpoint.createCheckpoint(copy);
        families.forEach(ColumnFamilyHandle::close);
        return copy;
      } catch (RocksDBException e) {
        throw new IllegalStateException("cannot copy " + other, e);
      }
    }
  }

  private static List<ColumnFamilyDescriptor> families(Options options, String path)
      throws RocksDBException {
    return RocksDB.listColumnFamilies(options, path).stream()
        .map(
            name ->
                new ColumnFamilyDescriptor(
                    name, new ColumnFamilyOptions().setDisableAutoCompactions(true)))
        .toList();
  }

  private Options options() {
    return new Options().setEnv(env).setDisableAutoCompactions(true);
  }

  Directory directory(long member) {
    return new Directory("/member-" + member);
  }

  Store open(Directory directory, CommandCodec codec) {
    directory.tidy();
    var store = Store.open(directory, StoreConfig.simulated().withCodec(codec));
    open.add(store);
    return store;
  }

  /** The store's process died: what was not flushed is gone. */
  void crash(Store store) {
    if (open.remove(store)) {
      store.close();
    }
  }

  @Override
  public void close() {
    open.forEach(Store::close);
    open.clear();
    env.close();
  }
}
