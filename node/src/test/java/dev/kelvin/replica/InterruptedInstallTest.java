package dev.kelvin.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kelvin.log.DurableLog;
import dev.kelvin.log.FileDisk;
import dev.kelvin.log.LogConfig;
import dev.kelvin.peer.PeerMessage;
import dev.kelvin.peer.Transport;
import dev.kelvin.raft.Entry;
import dev.kelvin.raft.EntryKind;
import dev.kelvin.raft.HardState;
import dev.kelvin.raft.Message.InstallSnapshot;
import dev.kelvin.raft.RaftConfig;
import dev.kelvin.raft.SnapshotMeta;
import dev.kelvin.sim.SimStoreDirectory;
import dev.kelvin.store.ClusterState;
import dev.kelvin.store.CommandCodec;
import dev.kelvin.store.Outcome;
import dev.kelvin.store.StateMachine;
import dev.kelvin.store.StateMachine.Snapshot;
import dev.kelvin.store.Store;
import dev.kelvin.store.StoreConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that died after its store had taken over a snapshot and before its log had. */
class InterruptedInstallTest implements StateMachine.Listener, ReplicaEvents, Transport {
  private static final LogConfig CONFIG = new LogConfig(64 << 10, 1 << 10);

  @TempDir Path dir;
  private Store store;
  private DurableLog log;

  @BeforeEach
  void open() throws Exception {
    Files.createDirectories(dir.resolve("raft"));
    store = Store.open(new SimStoreDirectory(), StoreConfig.simulated());
  }

  @AfterEach
  void close() {
    log.close();
    store.close();
  }

  private static Entry entry(long index, long term) {
    return new Entry(index, term, EntryKind.NOOP, new byte[0]);
  }

  private void storeHasApplied(int index, long term) {
    for (int i = 1; i <= index; i++) {
      store.apply(List.of(entry(i, term)), this);
    }
  }

  private void logHolds(long base, long last, long term) {
    log =
        DurableLog.create(
            new FileDisk(dir.resolve("raft")), CONFIG, new HardState(9, 4, base), base, 1);
    for (long i = base + 1; i <= last; i++) {
      log.append(null, List.of(entry(i, term)));
    }
    log.sync();
  }

  private void start() {
    new RaftReplica(
        ReplicaConfig.defaults(1, 77, 100),
        RaftConfig.defaults(1),
        log,
        store,
        this,
        CommandCodec.standard(),
        this,
        RandomGenerator.getDefault());
  }

  @Test
  void theLogFollowsTheStore() {
    storeHasApplied(50, 8);
    logHolds(0, 10, 3);
    start();
    assertEquals(51, log.firstIndex());
    assertEquals(50, log.lastIndex());
    assertEquals(8, log.term(50));
    assertEquals(new HardState(9, 4, 50), log.hardState(), "vote and term stay");
    log.close();
    log = DurableLog.open(new FileDisk(dir.resolve("raft")), CONFIG);
    assertEquals(51, log.firstIndex(), "durably");
    assertEquals(new HardState(9, 4, 50), log.hardState());
  }

  @Test
  void whatAnotherLeaderNeverCommittedGoes() {
    storeHasApplied(50, 8);
    logHolds(0, 60, 3);
    start();
    assertEquals(51, log.firstIndex());
    assertEquals(50, log.lastIndex());
  }

  @Test
  void aLogThatHasTheSnapshotsEntryStays() {
    storeHasApplied(50, 8);
    logHolds(0, 60, 8);
    start();
    assertEquals(1, log.firstIndex());
    assertEquals(60, log.lastIndex());
  }

  @Test
  void aStoreFromBeforeTheLogIsRefused() {
    storeHasApplied(50, 8);
    logHolds(100, 110, 8);
    assertThrows(IllegalStateException.class, this::start);
  }

  @Override
  public boolean waits(long incarnation, long request) {
    return false;
  }

  @Override
  public void outcome(long request, Outcome outcome) {
    throw new AssertionError("nobody waits");
  }

  @Override
  public void membership(long index, ClusterState cluster) {
    throw new AssertionError("no membership here");
  }

  @Override
  public void leader(long term, long leader) {
    throw new AssertionError("nothing runs");
  }

  @Override
  public void cluster(ClusterState cluster) {
    throw new AssertionError("nothing runs");
  }

  @Override
  public void snapshotSent(long to, SnapshotMeta snapshot, boolean success) {
    throw new AssertionError("nothing runs");
  }

  @Override
  public void snapshotInstalled(SnapshotMeta snapshot) {
    throw new AssertionError("nothing runs");
  }

  @Override
  public void snapshotNotInstalled(SnapshotMeta snapshot, Throwable cause) {
    throw new AssertionError("nothing runs");
  }

  @Override
  public void logTruncated(long firstIndex, long bytes) {
    throw new AssertionError("nothing runs");
  }

  @Override
  public void waitsForSpace(String what, String why) {}

  @Override
  public void hasSpaceAgain(String what) {}

  @Override
  public void fatal(Throwable cause) {
    throw new AssertionError(cause);
  }

  @Override
  public void send(PeerMessage message) {
    throw new AssertionError("nothing runs");
  }

  @Override
  public void sendSnapshot(InstallSnapshot message, Snapshot snapshot, SnapshotSent done) {
    throw new AssertionError("nothing runs");
  }

  @Override
  public void members(ClusterState cluster) {
    throw new AssertionError("nothing runs");
  }
}
