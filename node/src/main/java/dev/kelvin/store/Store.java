package dev.kelvin.store;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.kelvin.proto.etcdserverpb.CompactionRequest;
import dev.kelvin.proto.etcdserverpb.CompactionResponse;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.HashKVRequest;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.ResponseHeader;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import dev.kelvin.raft.Entry;
import dev.kelvin.raft.EntryKind;
import dev.kelvin.raft.SnapshotMeta;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.Checkpoint;
import org.rocksdb.FlushOptions;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/**
 * The replicated state machine: etcd's multi-version keys on RocksDB without a WAL, because the
 * Raft log is the WAL. Rows and their layout: docs/store-layout.md.
 *
 * <p>A reader sees the state as of one revision: either the versions in memory, checked against a
 * counter that is odd while a batch becomes visible, or a RocksDB snapshot, which holds its own
 * revision.
 */
public final class Store implements StateMachine, Reader {
  private static final int FORMAT = 1;
  private static final int MEMORY_TRIES = 4;

  private final StoreDirectory directory;
  private final StoreConfig config;
  private final VersionCache cache;
  private volatile Database database;
  private volatile Facts facts;

  /** Odd while a batch becomes visible. Written by the applying thread only. */
  private volatile long visible;

  private Pending pending;

  /** What every write carries beside its rows, as of the last entry applied. */
  private record Facts(Position applied, long revision, long compacted, ClusterState cluster) {}

  private volatile long swept;

  private Store(StoreDirectory directory, StoreConfig config) {
    this.directory = directory;
    this.config = config;
    this.cache = new VersionCache(config.versionCacheBytes());
  }

  /**
   * Opens the live database, or makes an empty one.
   *
   * @throws UnknownFormatException when a newer version wrote it
   * @throws IllegalStateException when RocksDB cannot open it; the message says why
   */
  public static Store open(StoreDirectory directory, StoreConfig config) {
    var store = new Store(directory, config);
    try {
      store.use(Database.open(directory.live(), directory.env(), config));
    } catch (RocksDBException e) {
      throw View.failed(e);
    }
    return store;
  }

  /** Takes up a database: whatever memory holds is made from it. */
  private void use(Database opened) {
    var view = new View(opened, opened.read);
    var read = facts(view);
    var format = view.get(Rows.FORMAT);
    if (format != null && Rows.longAt(format, 0) > FORMAT) {
      throw new UnknownFormatException(
          "the store's format is %d, this build reads up to %d"
              .formatted(Rows.longAt(format, 0), FORMAT));
    }
    visible++;
    cache.clear();
    database = opened;
    facts = read;
    var sweptRow = view.get(Rows.SWEPT);
    swept = sweptRow == null ? 0 : Rows.longAt(sweptRow, 0);
    visible++;
    if (pending != null) {
      pending.close();
    }
    pending = new Pending(opened, cache);
  }

  private static Facts facts(View view) {
    var applied = view.get(Rows.APPLIED);
    if (applied == null) {
      return new Facts(Position.START, 1, 0, ClusterState.EMPTY);
    }
    var cluster = view.get(Rows.CLUSTER);
    return new Facts(
        new Position(Rows.longAt(applied, 0), Rows.longAt(applied, 8)),
        Rows.longAt(view.get(Rows.REVISION), 0),
        Rows.longAt(view.get(Rows.COMPACTED), 0),
        cluster == null ? ClusterState.EMPTY : MemberBytes.decodeCluster(cluster));
  }

  @Override
  public Position applied() {
    return facts.applied;
  }

  @Override
  public ClusterState cluster() {
    return facts.cluster;
  }

  @Override
  public Position durable() {
    return with(
        db -> {
          var applied = new View(db, db.readDurable).get(Rows.APPLIED);
          return applied == null
              ? Position.START
              : new Position(Rows.longAt(applied, 0), Rows.longAt(applied, 8));
        });
  }

  private interface Use<T> {
    T on(Database db);
  }

  /** Runs something on the live database, which stays open meanwhile. */
  private <T> T with(Use<T> use) {
    while (true) {
      var db = database;
      if (db == null) {
        throw new IllegalStateException("the store is closed");
      }
      if (db.acquire()) {
        try {
          return use.on(db);
        } finally {
          db.release();
        }
      }
    }
  }

  // Applying

  private record Answer(long request, Outcome outcome) {}

  private record Change(long index, ClusterState cluster) {}

  @Override
  public void apply(List<Entry> entries, Listener listener) {
    var commands = new ArrayList<Command>(entries.size());
    for (var entry : entries) {
      commands.add(entry.kind() == EntryKind.NOOP ? null : config.codec().decode(entry.data()));
    }
    var answers = new ArrayList<Answer>();
    var changes = new ArrayList<Change>();
    var now = facts;
    for (int i = 0; i < entries.size(); i++) {
      var entry = entries.get(i);
      var position = new Position(entry.index(), entry.term());
      if (entry.index() != now.applied.index() + 1) {
        throw new IllegalStateException(
            "entry " + entry.index() + " cannot follow entry " + now.applied.index());
      }
      var command = commands.get(i);
      if (command == null) {
        now = new Facts(position, now.revision, now.compacted, now.cluster);
        continue;
      }
      boolean waited = listener.waits(command.incarnation(), command.request());
      Outcome outcome;
      if (command.kind() == CommandKind.MEMBER) {
        var result = Members.apply(now.cluster, MemberChangeCodec.decode(command.payload()));
        outcome = result.outcome();
        now = new Facts(position, now.revision, now.compacted, result.cluster());
      } else {
        if (command.kind() == CommandKind.TXN && !pending.written.isEmpty()) {
          now = commitIfHistoryIsRead(command, now);
        }
        var step = new Step(now, waited);
        outcome = step.run(command);
        now = new Facts(position, step.revision, step.compacted, now.cluster);
      }
      if (entry.kind() == EntryKind.MEMBERSHIP) {
        changes.add(new Change(entry.index(), now.cluster));
      }
      if (waited) {
        answers.add(new Answer(command.request(), outcome));
      }
    }
    commit(now);
    for (var change : changes) {
      listener.membership(change.index, change.cluster);
    }
    for (var answer : answers) {
      listener.outcome(answer.request, answer.outcome);
    }
  }

  /** History is read from the database alone, so what the batch did so far must be in it. */
  private Facts commitIfHistoryIsRead(Command command, Facts now) {
    try {
      if (Transactions.readsHistory(TxnRequest.parseFrom(command.payload()))) {
        commit(now);
      }
    } catch (InvalidProtocolBufferException e) {
      // The step refuses it.
      return now;
    }
    return now;
  }

  private void commit(Facts now) {
    pending.row(Rows.APPLIED, Rows.longs(now.applied.index(), now.applied.term()));
    pending.row(Rows.REVISION, Rows.longs(now.revision));
    pending.row(Rows.COMPACTED, Rows.longs(now.compacted));
    if (facts.applied.index() == 0) {
      pending.row(Rows.FORMAT, Rows.longs(FORMAT));
    }
    if (now.cluster != facts.cluster) {
      pending.row(Rows.CLUSTER, MemberBytes.encode(now.cluster));
    }
    visible++;
    pending.commit();
    pending.publish();
    facts = now;
    visible++;
    pending.clear();
  }

  /** One command on the state so far. */
  private final class Step {
    private final Facts before;
    private final boolean waited;
    private long revision;
    private long compacted;

    Step(Facts before, boolean waited) {
      this.before = before;
      this.waited = waited;
      this.revision = before.revision;
      this.compacted = before.compacted;
    }

    Outcome run(Command command) {
      try {
        return switch (command.kind()) {
          case PUT -> put(PutRequest.parseFrom(command.payload()));
          case DELETE_RANGE -> delete(DeleteRangeRequest.parseFrom(command.payload()));
          case TXN -> txn(TxnRequest.parseFrom(command.payload()));
          case COMPACT -> compact(CompactionRequest.parseFrom(command.payload()));
          case MEMBER -> throw new IllegalStateException("members are no keys");
        };
      } catch (InvalidProtocolBufferException e) {
        return new Outcome.Failed(StoreError.MALFORMED);
      }
    }

    private Outcome put(PutRequest request) {
      var fault = Writes.check(pending, request);
      if (fault != null) {
        return new Outcome.Failed(fault);
      }
      var writes = new Writes(pending, before.revision);
      boolean plain = !request.getPrevKv();
      var response = writes.put(request, waited && !plain);
      revision = writes.revision();
      return response == null ? new Outcome.PutDone(revision) : new Outcome.Done(response);
    }

    private Outcome delete(DeleteRangeRequest request) {
      var writes = new Writes(pending, before.revision);
      var response = writes.delete(request);
      revision = writes.revision();
      return new Outcome.Done(response);
    }

    private Outcome txn(TxnRequest request) {
      var writes = new Writes(pending, before.revision);
      var outcome = new Transactions(pending, writes, before.compacted).run(request);
      revision = writes.revision();
      return outcome;
    }

    private Outcome compact(CompactionRequest request) {
      if (request.getRevision() <= before.compacted) {
        return new Outcome.Failed(StoreError.COMPACTED);
      }
      if (request.getRevision() > before.revision) {
        return new Outcome.Failed(StoreError.FUTURE_REVISION);
      }
      compacted = request.getRevision();
      return new Outcome.Done(
          CompactionResponse.newBuilder()
              .setHeader(ResponseHeader.newBuilder().setRevision(before.revision))
              .build());
    }
  }

  // Reading

  @Override
  public Outcome range(RangeRequest request, boolean memoryOnly) {
    boolean newest = request.getRevision() <= 0;
    if (newest && KeyRange.single(request.getRangeEnd())) {
      var answer = with(db -> fromMemory(db, request, memoryOnly));
      if (answer != null) {
        return answer;
      }
    }
    return memoryOnly ? null : with(db -> inSnapshot(db, request));
  }

  /** One key's newest version, from memory or at one look; null when that does not do. */
  private Outcome fromMemory(Database db, RangeRequest request, boolean memoryOnly) {
    var key = request.getKey().toByteArray();
    for (int i = 0; i < MEMORY_TRIES; i++) {
      long seen = visible;
      if ((seen & 1) != 0) {
        Thread.onSpinWait();
        continue;
      }
      var cached = cache.get(key);
      if (cached == null) {
        cached = lookUp(db, key, memoryOnly);
        if (cached == null) {
          return null;
        }
        cache.offer(key, cached, () -> visible == seen);
      }
      long revision = facts.revision;
      if (visible == seen) {
        return new Outcome.Done(SingleKey.answer(request, cached, revision));
      }
    }
    return null;
  }

  private static VersionCache.Cached lookUp(Database db, byte[] key, boolean memoryOnly) {
    try {
      var options = memoryOnly ? db.readMemory : db.read;
      var newest = db.db.get(options, Rows.newest(key));
      if (newest == null) {
        return VersionCache.Cached.ABSENT;
      }
      var version = Version.decode(newest);
      var event = db.db.get(options, Rows.event(version.mod(), version.sub()));
      return event == null
          ? null
          : new VersionCache.Cached(version, new EventRow(event).keyValue(version.mod()));
    } catch (RocksDBException e) {
      if (e.getStatus() != null && e.getStatus().getCode() == Status.Code.Incomplete) {
        return null;
      }
      throw View.failed(e);
    }
  }

  private Outcome inSnapshot(Database db, RangeRequest request) {
    return snapshotted(
        db,
        view -> {
          var then = facts(view);
          var fault = Ranges.check(request.getRevision(), then.revision, then.compacted);
          return fault != null
              ? new Outcome.Failed(fault)
              : new Outcome.Done(Ranges.range(view, request, then.revision, then.revision));
        });
  }

  private interface Look<T> {
    T at(View view);
  }

  private static <T> T snapshotted(Database db, Look<T> look) {
    var snapshot = db.db.getSnapshot();
    try (var options = new ReadOptions().setSnapshot(snapshot)) {
      return look.at(new View(db, options));
    } finally {
      db.db.releaseSnapshot(snapshot);
    }
  }

  @Override
  public Outcome hash(HashKVRequest request) {
    return with(
        db ->
            snapshotted(
                db,
                view -> {
                  var then = facts(view);
                  var fault = Ranges.check(request.getRevision(), then.revision, then.compacted);
                  return fault != null
                      ? new Outcome.Failed(fault)
                      : new Outcome.Done(
                          Hashes.hash(view, request.getRevision(), then.revision, then.compacted));
                }));
  }

  @Override
  public long revision() {
    return facts.revision;
  }

  @Override
  public long compactRevision() {
    return facts.compacted;
  }

  @Override
  public long sizeOnDisk() {
    return property("rocksdb.total-sst-files-size") + property("rocksdb.cur-size-all-mem-tables");
  }

  @Override
  public long sizeInUse() {
    return Math.min(
        sizeOnDisk(),
        property("rocksdb.estimate-live-data-size") + property("rocksdb.cur-size-all-mem-tables"));
  }

  private long property(String name) {
    return with(
        db -> {
          try {
            return db.db.getLongProperty(name);
          } catch (RocksDBException e) {
            throw View.failed(e);
          }
        });
  }

  // Durability and snapshots

  @Override
  public void flush() {
    with(
        db -> {
          try (var options = new FlushOptions().setWaitForFlush(true)) {
            db.db.flush(options);
            return null;
          } catch (RocksDBException e) {
            throw View.failed(e);
          }
        });
  }

  @Override
  public Snapshot checkpoint() {
    var path = directory.fresh();
    with(
        db -> {
          try (var checkpoint = Checkpoint.create(db.db)) {
            checkpoint.createCheckpoint(path);
            return null;
          } catch (RocksDBException e) {
            throw View.failed(e);
          }
        });
    return new Snapshot(inspect(path), path);
  }

  /** What a snapshot's files say of themselves. */
  private SnapshotMeta inspect(String path) {
    try {
      var opened = Database.open(path, directory.env(), config);
      try {
        var inside = facts(new View(opened, opened.read));
        return new SnapshotMeta(
            inside.applied.index(), inside.applied.term(), inside.cluster.membership());
      } finally {
        opened.close();
      }
    } catch (RocksDBException e) {
      throw new BadSnapshotException(path + " is no usable database: " + e.getMessage(), e);
    }
  }

  @Override
  public void discard(Snapshot snapshot) {
    directory.discard(snapshot.path());
  }

  @Override
  public void install(Snapshot snapshot) {
    var inside = inspect(snapshot.path());
    if (!inside.equals(snapshot.meta())) {
      throw new BadSnapshotException(
          "the snapshot holds " + inside + ", not " + snapshot.meta(), null);
    }
    try {
      var opened = Database.open(snapshot.path(), directory.env(), config);
      directory.adopt(snapshot.path());
      var old = database;
      use(opened);
      old.close();
      directory.discard(old.path);
    } catch (RocksDBException e) {
      throw new BadSnapshotException(
          snapshot.path() + " is no usable database: " + e.getMessage(), e);
    }
  }

  /** First revision whose superseded versions still take space; compared to the last compacted. */
  public long physicallyCompacted() {
    return swept;
  }

  @Override
  public boolean hasHousekeeping() {
    return swept < facts.compacted;
  }

  @Override
  public boolean housekeep() {
    if (!hasHousekeeping()) {
      return false;
    }
    return with(
        db -> {
          // Only what the database itself says was compacted: an install may have swapped it.
          var view = new View(db, db.read);
          var compacted = facts(view).compacted;
          var row = view.get(Rows.SWEPT);
          long next = Sweeper.sweep(db, row == null ? 0 : Rows.longAt(row, 0), compacted);
          if (db == database) {
            swept = next;
          }
          return true;
        });
  }

  @Override
  public void close() {
    var open = database;
    database = null;
    if (open != null) {
      open.close();
      pending.close();
    }
  }
}
