package dev.kelvin.sim;

import dev.kelvin.log.Disk;
import dev.kelvin.log.DurableLog;
import dev.kelvin.log.LogConfig;
import dev.kelvin.raft.Entry;
import dev.kelvin.raft.EntryKind;
import dev.kelvin.raft.HardState;
import dev.kelvin.store.CommandCodec;
import dev.kelvin.store.CommandKind;
import dev.kelvin.store.Member;
import dev.kelvin.store.MemberChange;
import dev.kelvin.store.MemberChangeCodec;
import dev.kelvin.store.StateMachine;
import dev.kelvin.store.Store;
import java.util.List;

/** What one member keeps over its lives: the log's disk and the store's directory. */
final class Volume {
  /** Small segments and next to no cache, so that rolling, dropping and reading back happen. */
  private final LogConfig logConfig;

  private final World world;
  private final long member;
  private final SimDisk disk;
  private final UnsyncedWatch watch;
  private final Disk seen;
  private final Stores.Directory directory;
  private final Sabotage.Memory memory = new Sabotage.Memory();

  Volume(String node, World world, long member) {
    this.world = world;
    this.member = member;
    this.disk = new SimDisk(world.seeds().of("disk " + member).nextLong());
    var salts = world.seeds().of("salts " + member);
    this.logConfig = new LogConfig(6 << 10, 2 << 10, 1, salts::nextLong);
    this.watch = new UnsyncedWatch(disk);
    this.seen = world.sabotage().disk(node, watch);
    this.directory = world.stores().directory(member);
  }

  /** Writes the log of a new cluster with this first member. */
  void found(Member first, long clusterId) {
    var command =
        CommandCodec.standard()
            .encode(
                1,
                CommandKind.MEMBER,
                member,
                0,
                0,
                MemberChangeCodec.encode(new MemberChange.Found(clusterId, first)));
    var hardState = new HardState(1, member, 1);
    try (var log = DurableLog.create(seen, logConfig, hardState, 0, 0)) {
      log.append(null, List.of(new Entry(1, 1, EntryKind.MEMBERSHIP, command)));
      log.sync();
    }
  }

  /** Makes the empty log of a member that others will feed. */
  void follow() {
    DurableLog.create(seen, logConfig, HardState.EMPTY, 0, 0).close();
  }

  DurableLog openLog() {
    var log = DurableLog.open(seen, logConfig);
    world.sabotage().restarted(log);
    return log;
  }

  /**
   * @param codec of the release that opens it
   */
  Store openStore(CommandCodec codec) {
    return world.stores().open(directory, codec);
  }

  Sabotage.Memory memory() {
    return memory;
  }

  /** Lets so many disk operations of the log pass; the power fails at the next. */
  void cutPowerIn(int operations) {
    disk.failAfter(operations);
  }

  void calm() {
    disk.failAfter(Long.MAX_VALUE);
  }

  /** The power failed: what was not synced is lost, torn, or there by luck. */
  void losePower() {
    disk.crash();
    switch (watch.lookAfterCrash()) {
      case LOST -> world.tally().count(Happening.UNSYNCED_LOST);
      case TORN -> world.tally().count(Happening.UNSYNCED_TORN);
      case KEPT -> {}
    }
  }

  /** Copies a snapshot that another member made into this volume; returns where it is. */
  String copySnapshot(StateMachine.Snapshot snapshot) {
    return directory.copy(snapshot.path());
  }

  /** Whether that is the power failing in the midst of the log's work. */
  static boolean powerLoss(Throwable e) {
    for (; e != null; e = e.getCause()) {
      if (e instanceof SimDisk.PowerLoss) {
        return true;
      }
    }
    return false;
  }
}
