package dev.kelvin.store;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RangeResponse;
import dev.kelvin.raft.Entry;
import dev.kelvin.raft.EntryKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.rocksdb.ReadOptions;
import org.rocksdb.ReadTier;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/**
 * One database together with all that is kept in memory of it; replaced as a whole by an install.
 *
 * <p>A batch becomes readable at once: {@link #sequence} is odd while a batch is written and its
 * versions are published to the cache. A reader of one key that sees the same even number before
 * and after has read one state (a seqlock); after some failures it takes a snapshot of RocksDB.
 */
final class Live {
  private static final int TRIES = 4;
  private static final int HOUSEKEEPING_EVENTS = 1000;

  private final Database database;
  private final CommandCodec codec;
  private final VersionCache cache;
  private final StoreMeter meter;
  private final Housekeeping housekeeping;
  private final RowBatch batch;

  /** All leases. Changed by the applying thread, when a batch is published. */
  private final Map<Long, Lease> leases = new ConcurrentHashMap<>();

  private final ReadOptions everywhere = new ReadOptions();
  private final ReadOptions memory = new ReadOptions().setReadTier(ReadTier.BLOCK_CACHE_TIER);
  private final ReadOptions disk = new ReadOptions().setReadTier(ReadTier.PERSISTED_TIER);

  /** Held when the cache changes and when a batch begins to be published. */
  private final ReentrantLock publishing = new ReentrantLock();

  private final ReentrantLock tidying = new ReentrantLock();
  private volatile long sequence;
  private volatile Meta meta;
  private volatile Alarms alarms;

  /** Takes the database over; closes it on failure. */
  Live(Database database, StoreConfig config, StoreMeter meter) {
    this.database = database;
    this.meter = meter;
    batch = new RowBatch(database.events().getID());
    codec = config.codec();
    cache = new VersionCache(config.versionCacheBytes());
    try {
      meta = Meta.decode(database.get(Meta.ROW));
      alarms = Alarms.decode(database.get(Alarms.ROW));
      housekeeping = new Housekeeping(database, HOUSEKEEPING_EVENTS, meter);
      try (var rows = DbSource.latest(database, meta)) {
        rows.leases(lease -> leases.put(lease.id(), lease));
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  Database database() {
    return database;
  }

  Meta meta() {
    return meta;
  }

  Position durable() {
    try {
      return Meta.decode(database.db().get(disk, Meta.ROW)).applied();
    } catch (RocksDBException e) {
      throw new StoreException(e);
    }
  }

  Lease lease(long id) {
    return leases.get(id);
  }

  List<Alarm> alarms() {
    return alarms.list();
  }

  List<Lease> leases() {
    return List.copyOf(leases.values());
  }

  void apply(
      List<Entry> entries,
      StateMachine.Listener listener,
      ChangeListener changeListener,
      LeaseListener leaseListener) {
    if (entries.isEmpty()) {
      return;
    }
    record Answer(long request, Outcome outcome) {}
    record MembershipEntry(long index, ClusterState cluster) {}
    var answers = new ArrayList<Answer>();
    var memberships = new ArrayList<MembershipEntry>();
    var commands = decode(entries);
    batch.clear();
    var before = meta;
    try (var base = DbSource.latest(database, before)) {
      var applier =
          new Applier(
              new Overlay(base, cache),
              new LeaseBatch(base, leases, batch),
              batch,
              before.cluster(),
              alarms,
              changeListener.wanted());
      for (int i = 0; i < commands.size(); i++) {
        var command = commands.get(i);
        if (command == null) {
          continue;
        }
        boolean wanted = listener.waits(command.incarnation(), command.request());
        var outcome = applier.apply(command, entries.get(i).term(), wanted);
        if (wanted) {
          answers.add(new Answer(command.request(), outcome));
        }
        var entry = entries.get(i);
        if (entry.kind() == EntryKind.MEMBERSHIP) {
          memberships.add(new MembershipEntry(entry.index(), applier.cluster()));
        }
      }
      var last = entries.getLast();
      publish(
          applier,
          new Meta(
              new Position(last.index(), last.term()),
              applier.state().revision(),
              applier.state().compact(),
              applier.cluster()));
      meter.add(applier.counts());
      meter.add(applier.leases().told());
      changeListener.changed(applier.told(), meta.revision());
      if (!applier.leases().told().isEmpty()) {
        leaseListener.changed(applier.leases().told());
      }
    }
    for (var membership : memberships) {
      listener.membership(membership.index, membership.cluster);
    }
    for (var answer : answers) {
      listener.outcome(answer.request, answer.outcome);
    }
  }

  /** Decodes all before any takes effect; null stands for an entry without command. */
  private List<Command> decode(List<Entry> entries) {
    long expected = meta.applied().index();
    var commands = new ArrayList<Command>(entries.size());
    for (var entry : entries) {
      if (entry.index() != ++expected) {
        throw new IllegalStateException(
            "entry " + entry.index() + " comes where " + expected + " is due");
      }
      var command = entry.kind() == EntryKind.NOOP ? null : codec.decode(entry.data());
      if (command != null && command.kind() == CommandKind.MEMBER) {
        MemberChangeCodec.decode(command.payload().toByteArray());
      }
      commands.add(command);
    }
    return commands;
  }

  private void publish(Applier applier, Meta next) {
    batch.put(Meta.ROW, next.encode());
    if (applier.alarms() != alarms) {
      batch.put(Alarms.ROW, applier.alarms().encode());
    }
    long even = sequence;
    publishing.lock();
    try {
      sequence = even + 1;
    } finally {
      publishing.unlock();
    }
    // Any other failed write leaves the number odd: the state is unknown and the node must stop.
    try {
      database.write(batch);
    } catch (NoSpaceException e) {
      sequence = even + 2;
      throw e;
    }
    publishing.lock();
    try {
      applier.state().publish();
      applier.leases().publish();
      alarms = applier.alarms();
      meta = next;
      sequence = even + 2;
    } finally {
      publishing.unlock();
    }
  }

  Outcome range(RangeRequest request, boolean memoryOnly) {
    boolean quick = Ranges.single(request.getRangeEnd()) && request.getRevision() <= 0;
    if (quick) {
      for (int i = 0; i < TRIES; i++) {
        long before = sequence;
        if ((before & 1) != 0) {
          Thread.onSpinWait();
          continue;
        }
        var now = meta;
        var found = find(request.getKey(), memoryOnly, before);
        if (found == null) {
          break;
        }
        if (sequence == before) {
          return new Outcome.Done(single(request, now, found));
        }
      }
    }
    if (memoryOnly) {
      return null;
    }
    try (var source = DbSource.snapshot(database)) {
      return Ranges.run(source, request);
    }
  }

  /** Newest version with value, a tombstone for none; null if only the disk knows. */
  private Version find(ByteString key, boolean memoryOnly, long at) {
    var known = cache.get(key);
    if (known != null) {
      return known;
    }
    var options = memoryOnly ? memory : everywhere;
    Version found;
    try {
      var row = database.db().get(options, Rows.now(key));
      if (row == null) {
        found = Version.tombstone(0, 0);
      } else {
        var bare = Rows.nowVersion(row);
        var eventKey = Rows.event(bare.mod(), bare.sub());
        var event = database.db().get(database.events(), options, eventKey);
        if (event == null) {
          // A batch came between the two reads and housekeeping after it; the number tells.
          return null;
        }
        found = Rows.event(eventKey, event).version();
      }
    } catch (RocksDBException e) {
      if (memoryOnly
          && e.getStatus() != null
          && e.getStatus().getCode() == Status.Code.Incomplete) {
        return null;
      }
      throw new StoreException(e);
    }
    if (publishing.tryLock()) {
      try {
        if (sequence == at) {
          var version = found;
          cache.change(() -> cache.put(key, version));
        }
      } finally {
        publishing.unlock();
      }
    }
    return found;
  }

  private static RangeResponse single(RangeRequest request, Meta now, Version version) {
    var response = RangeResponse.newBuilder().setHeader(Applier.header(now.revision()));
    if (version.deleted()) {
      return response.build();
    }
    response.setCount(1);
    if (!request.getCountOnly() && Ranges.passes(request, version)) {
      var kv = version.toKeyValue(request.getKey());
      response.addKvs(request.getKeysOnly() ? kv.toBuilder().clearValue().build() : kv);
    }
    return response.build();
  }

  /** What happened at a position; null if nothing did, or it was removed after a compaction. */
  Rows.Event event(long mod, int sub) {
    if (mod == 0) {
      return null;
    }
    try {
      var key = Rows.event(mod, sub);
      var row = database.db().get(database.events(), everywhere, key);
      return row == null ? null : Rows.event(key, row);
    } catch (RocksDBException e) {
      throw new StoreException(e);
    }
  }

  boolean hasHousekeeping() {
    return housekeeping.done() < meta.compact();
  }

  boolean housekeep() {
    if (!tidying.tryLock()) {
      return hasHousekeeping();
    }
    try {
      long compact = meta.compact();
      if (housekeeping.done() >= compact) {
        return false;
      }
      housekeeping.piece(compact);
      return true;
    } finally {
      tidying.unlock();
    }
  }

  long physicallyCompacted() {
    return housekeeping.done();
  }

  /** Waits for the last use, then closes. */
  void close() {
    database.retire();
    everywhere.close();
    memory.close();
    disk.close();
  }
}
