package dev.kelvin.store;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.LiveFileMetaData;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * What a store holds that nobody has open, found without changing it.
 *
 * @param database directory of the live database
 * @param files that hold its rows
 * @param bytes of those files
 */
public record StoreInspection(
    Path database,
    int files,
    long bytes,
    Position applied,
    long revision,
    long compactRevision,
    ClusterState cluster) {

  /**
   * Looks at a database and verifies the checksums of all its files.
   *
   * @throws StoreException for damage
   * @throws UnknownFormatException for a store that a later version wrote
   */
  public static StoreInspection of(Path database) {
    RocksDB.loadLibrary();
    var families = new ArrayList<ColumnFamilyHandle>();
    try (var options = new DBOptions();
        var family = new ColumnFamilyOptions();
        var db =
            RocksDB.openReadOnly(
                options,
                database.toString(),
                List.of(
                    new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, family),
                    new ColumnFamilyDescriptor(
                        "events".getBytes(StandardCharsets.US_ASCII), family)),
                families)) {
      try {
        var meta = Meta.decode(db.get(Meta.ROW));
        var files = db.getLiveFilesMetaData();
        db.verifyChecksum();
        return new StoreInspection(
            database,
            files.size(),
            files.stream().mapToLong(LiveFileMetaData::size).sum(),
            meta.applied(),
            meta.revision(),
            Math.max(0, meta.compact()),
            meta.cluster());
      } finally {
        families.forEach(ColumnFamilyHandle::close);
      }
    } catch (RocksDBException e) {
      throw new StoreException(e);
    }
  }
}
