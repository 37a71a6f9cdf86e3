package dev.kelvin.store;

import dev.kelvin.store.SnapshotHeader.FileEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Slice;

/** Headers of databases that no longer change. */
final class SnapshotHeaders {
  private static final long READ_AHEAD = 1 << 20;

  private SnapshotHeaders() {}

  /** Of a checkpoint. Walks the rows of its keys, not those of their values. */
  static SnapshotHeader of(Path database, long savedAt, String writer) {
    try (var options = new Options();
        var db = RocksDB.openReadOnly(options, database.toString())) {
      var meta = Meta.decode(db.get(Meta.ROW));
      return new SnapshotHeader(
          Meta.FORMAT,
          meta.cluster().id(),
          meta.revision(),
          meta.compact(),
          count(db, Rows.NOW),
          count(db, Rows.LEASE),
          savedAt,
          writer,
          files(database));
    } catch (RocksDBException e) {
      throw new StoreException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long count(RocksDB db, byte table) throws RocksDBException {
    long count = 0;
    try (var end = new Slice(new byte[] {(byte) (table + 1)});
        var options =
            new ReadOptions()
                .setIterateUpperBound(end)
                .setFillCache(false)
                .setReadaheadSize(READ_AHEAD);
        var rows = db.newIterator(options)) {
      for (rows.seek(new byte[] {table}); rows.isValid(); rows.next()) {
        count++;
      }
      rows.status();
    }
    return count;
  }

  private static List<FileEntry> files(Path directory) throws IOException {
    var files = new ArrayList<FileEntry>();
    try (var names = Files.newDirectoryStream(directory)) {
      for (var file : names) {
        files.add(new FileEntry(file.getFileName().toString(), Files.size(file)));
      }
    }
    files.sort((a, b) -> a.name().compareTo(b.name()));
    return files;
  }
}
