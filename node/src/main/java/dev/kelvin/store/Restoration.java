package dev.kelvin.store;

import java.nio.file.Path;
import org.rocksdb.RocksDBException;

/**
 * How a new cluster takes a snapshot file over.
 *
 * @param file to read
 * @param bump revisions to go on past that of the snapshot, so that none is used twice that the old
 *     cluster may have given since
 * @param markCompacted whether every revision up to the new one counts as compacted, so that
 *     whoever watched the old cluster is told to begin anew
 */
public record Restoration(Path file, long bump, boolean markCompacted) {
  public static final long MAX_BUMP = 1L << 48;

  /** The entry that a founding counts as: what comes before cannot be had from a log. */
  public static final Position FOUNDED = new Position(1, 1);

  /**
   * What goes together, as in etcd.
   *
   * @throws IllegalArgumentException for a bump without the mark, or the reverse
   */
  public Restoration {
    if (bump < 0 || bump > MAX_BUMP) {
      throw new IllegalArgumentException("bump-revision must be from 0 to " + MAX_BUMP);
    }
    if (bump > 0 != markCompacted) {
      throw new IllegalArgumentException(
          "bump-revision and mark-compacted go together: watches of the old cluster must not go on"
              + " as if nothing had happened");
    }
  }

  /**
   * Makes the database of a cluster with one member, live in the directory and durable, as of
   * {@link #FOUNDED}. Members of the old cluster are forgotten; leases begin their time anew.
   *
   * @param first founds the cluster
   * @throws BadSnapshotFileException when the file is not whole; the live database is as it was
   * @throws NoSpaceException when the disk is full; likewise
   */
  public SnapshotFile.Summary restore(
      FileStoreDirectory directory, StoreConfig config, MemberChange.Found first) {
    var path = directory.fresh();
    try {
      var summary = SnapshotFile.extract(file, Path.of(path));
      prepare(directory, path, config, summary.header(), first);
      var old = directory.live();
      directory.adopt(path);
      directory.discard(old);
      return summary;
    } catch (RuntimeException e) {
      directory.discard(path);
      throw e;
    }
  }

  private void prepare(
      FileStoreDirectory directory,
      String path,
      StoreConfig config,
      SnapshotHeader header,
      MemberChange.Found first) {
    Database database;
    try {
      database = Database.open(directory.env(), path, config, false);
    } catch (RocksDBException e) {
      throw unusable(e);
    }
    try {
      // What was damaged on the disk that the snapshot was taken of has checksums of its own.
      database.db().verifyChecksum();
      var meta = Meta.decode(database.get(Meta.ROW));
      if (meta.revision() != header.revision()
          || meta.compact() != header.compact()
          || meta.cluster().id() != header.cluster()) {
        throw new BadSnapshotFileException(
            file + " is damaged: its header and its content are of different states");
      }
      var batch = new RowBatch(database.events().getID());
      try (var rows = DbSource.latest(database, meta)) {
        rows.leases(
            lease ->
                batch.put(
                    Rows.lease(lease.id()),
                    Rows.leaseValue(new Lease(lease.id(), lease.ttl(), 0, lease.own()))));
      }
      batch.put(Meta.ROW, founded(meta, first).encode());
      database.write(batch);
      database.flush();
    } catch (RocksDBException e) {
      throw unusable(e);
    } catch (StoreException | UnknownFormatException e) {
      throw new BadSnapshotFileException(file + " is damaged: " + e.getMessage(), e);
    } finally {
      database.retire();
    }
  }

  private BadSnapshotFileException unusable(RocksDBException e) {
    return new BadSnapshotFileException(
        file + " is damaged: its database cannot be opened: " + e.getMessage(), e);
  }

  private Meta founded(Meta meta, MemberChange.Found first) {
    long revision = meta.revision() + bump;
    return new Meta(
        FOUNDED,
        revision,
        markCompacted ? revision : meta.compact(),
        Members.apply(ClusterState.EMPTY, first).cluster());
  }
}
