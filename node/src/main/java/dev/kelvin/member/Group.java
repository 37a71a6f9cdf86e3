package dev.kelvin.member;

import dev.kelvin.duty.Compactor;
import dev.kelvin.duty.Lessor;
import dev.kelvin.log.DurableLog;
import dev.kelvin.log.FileDisk;
import dev.kelvin.log.LogConfig;
import dev.kelvin.peer.GrpcTransport;
import dev.kelvin.peer.PeerAddress;
import dev.kelvin.peer.PeerIdentity;
import dev.kelvin.peer.PeerMeters;
import dev.kelvin.raft.Entry;
import dev.kelvin.raft.EntryKind;
import dev.kelvin.raft.HardState;
import dev.kelvin.raft.RaftConfig;
import dev.kelvin.replica.RaftReplica;
import dev.kelvin.replica.ReplicaConfig;
import dev.kelvin.replica.ReplicaEvents;
import dev.kelvin.replica.ReplicaThreads;
import dev.kelvin.store.CommandCodec;
import dev.kelvin.store.CommandKind;
import dev.kelvin.store.FileStoreDirectory;
import dev.kelvin.store.Member;
import dev.kelvin.store.MemberChange;
import dev.kelvin.store.MemberChangeCodec;
import dev.kelvin.store.NoSpaceException;
import dev.kelvin.store.Restoration;
import dev.kelvin.store.SnapshotFile;
import dev.kelvin.store.Store;
import dev.kelvin.store.StoreConfig;
import dev.kelvin.watch.Watches;
import io.grpc.Status;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;

/** This member's running part in its cluster: log, store, replica, streams. */
final class Group implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger("kelvin.member");

  private final DurableLog log;
  private final Store store;
  private final FileStoreDirectory storeDirectory;
  private final GrpcTransport transport;
  private final RaftReplica replica;
  private final ReplicaThreads threads;
  private final SpaceWatch spaceWatch;
  private final Watches watches;
  private final DutyThread duty;
  private final LeaseClient leaseClient;
  private final LeaseDesk leases;
  private final Compactor compactor;
  private final Defragmentation defragmentation;
  private final ReplicaEvents events;
  private final Measures measures;

  private Group(
      DurableLog log,
      Store store,
      FileStoreDirectory storeDirectory,
      GrpcTransport transport,
      RaftReplica replica,
      ReplicaThreads threads,
      SpaceWatch spaceWatch,
      Watches watches,
      DutyThread duty,
      LeaseClient leaseClient,
      LeaseDesk leases,
      Compactor compactor,
      Defragmentation defragmentation,
      ReplicaEvents events,
      Measures measures) {
    this.log = log;
    this.store = store;
    this.storeDirectory = storeDirectory;
    this.transport = transport;
    this.replica = replica;
    this.threads = threads;
    this.spaceWatch = spaceWatch;
    this.watches = watches;
    this.duty = duty;
    this.leaseClient = leaseClient;
    this.leases = leases;
    this.compactor = compactor;
    this.defragmentation = defragmentation;
    this.events = events;
    this.measures = measures;
  }

  /** Writes the log of a cluster whose only member so far is {@code first}. */
  static void found(DataDirectory directory, NodeConfig config, long clusterId, Member first) {
    var command =
        CommandCodec.standard()
            .encode(
                1,
                CommandKind.MEMBER,
                first.id(),
                0,
                0,
                MemberChangeCodec.encode(new MemberChange.Found(clusterId, first)));
    var hardState = new HardState(1, first.id(), 1);
    try (var log =
        DurableLog.create(new FileDisk(directory.raft()), logConfig(config), hardState, 0, 0)) {
      log.append(null, List.of(new Entry(1, 1, EntryKind.MEMBERSHIP, command)));
      log.sync();
    }
  }

  /**
   * The same of a snapshot file. The log begins behind the founding: whoever joins cannot have what
   * is in the file from the log, and is sent a snapshot.
   *
   * @throws dev.kelvin.store.BadSnapshotFileException when the file is not whole
   * @throws NoSpaceException when there is no room for it
   */
  static SnapshotFile.Summary restore(
      DataDirectory directory, NodeConfig config, long clusterId, Member first, Restoration from) {
    var summary =
        from.restore(
            FileStoreDirectory.open(directory.store()),
            StoreConfig.sized(config.storeCacheBytes(), config.storeMemtableBytes()),
            new MemberChange.Found(clusterId, first));
    var at = Restoration.FOUNDED;
    DurableLog.create(
            new FileDisk(directory.raft()),
            logConfig(config),
            new HardState(at.term(), first.id(), at.index()),
            at.index(),
            at.term())
        .close();
    return summary;
  }

  /** Makes the empty log of a member that is to be fed by the leader. */
  static void follow(DataDirectory directory, NodeConfig config) {
    DurableLog.create(new FileDisk(directory.raft()), logConfig(config), HardState.EMPTY, 0, 0)
        .close();
  }

  private static LogConfig logConfig(NodeConfig config) {
    return new LogConfig(config.logSegmentBytes(), LogConfig.DEFAULT.cacheBytes());
  }

  /** Opens what is on disk; nothing runs before {@link #start}. */
  static Group open(
      DataDirectory directory,
      NodeConfig config,
      Identity identity,
      EventLoopGroup loops,
      BiConsumer<Long, Status> unreachable,
      PeerMeters peerMeters,
      ReplicaEvents events) {
    DataCheck.parts(directory, identity);
    var storeDirectory =
        DataCheck.open(directory.store(), () -> FileStoreDirectory.open(directory.store()));
    if (!storeDirectory.leftovers().isEmpty()) {
      LOG.infof(
          "deleted from %s what an interrupted snapshot had left: %s",
          directory.store(), storeDirectory.leftovers());
    }
    var store = DataCheck.open(directory.store(), () -> openStore(storeDirectory, config));
    var logDisk = new MeteredDisk(new FileDisk(directory.raft()));
    DurableLog log;
    try {
      DataCheck.cluster(directory.store(), store.cluster().id(), identity);
      log = DataCheck.open(directory.raft(), () -> DurableLog.open(logDisk, logConfig(config)));
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
    var self = new PeerIdentity(identity.clusterId(), identity.memberId(), identity.incarnation());
    var transport =
        new GrpcTransport(
            self,
            config.peerUrls().getFirst(),
            loops,
            config.snapshotRate(),
            unreachable,
            peerMeters);
    var defaults = RaftConfig.defaults(identity.memberId());
    var raftConfig =
        new RaftConfig(
            identity.memberId(),
            config.electionTicks(),
            config.heartbeatTicks(),
            defaults.maxMessageBytes(),
            defaults.maxInflightMessages(),
            defaults.maxInflightBytes(),
            defaults.maxUncommittedBytes(),
            defaults.maxApplyingBytes());
    var sizes = ReplicaConfig.defaults(identity.memberId(), Ids.random(), config.electionTicks());
    var replicaConfig =
        new ReplicaConfig(
            sizes.member(),
            sizes.incarnation(),
            sizes.maxRequests(),
            sizes.maxRequestBytes(),
            sizes.maxReads(),
            sizes.requestTimeoutTicks(),
            config.maxLogBytes(),
            sizes.keptEntries());
    var applying = new MeteredStateMachine(store);
    var replica =
        new RaftReplica(
            replicaConfig,
            raftConfig,
            log,
            applying,
            transport,
            CommandCodec.standard(),
            events,
            RandomGenerator.of("L64X128MixRandom"));
    var threads = new ReplicaThreads(replica, events);
    var spaceWatch =
        new SpaceWatch(
            directory.path().toString(),
            directory.disk()::getUsableSpace,
            config.diskReserveBytes(),
            replica.space(),
            () -> {
              replica.trySpaceAgain();
              store.failure().ifPresent(events::fatal);
            });
    var watches = new Watches(store);
    store.listen(watches);
    LongSupplier clock = () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    long electionMillis = config.electionTicks() * NodeRuntime.MILLIS_PER_TICK;
    var duty = new DutyThread(events::fatal);
    var lessor = new Lessor(replica, store, duty, clock, electionMillis);
    store.listen(lessor);
    // A leader that cannot answer in the time of two elections has a successor soon.
    var leaseClient =
        new LeaseClient(store::cluster, loops, duty, Math.toIntExact(2 * electionMillis));
    var leases =
        new LeaseDesk(
            identity.memberId(),
            replica,
            lessor,
            leaseClient,
            duty,
            clock,
            replicaConfig.requestTimeoutTicks() * NodeRuntime.MILLIS_PER_TICK);
    var measures =
        new Measures(
            logDisk,
            applying,
            replica.meter(),
            store.meter(),
            lessor,
            log::sizeOnDisk,
            () -> room(store, directory, config));
    var defragmentation =
        new Defragmentation(
            store, directory.disk()::getUsableSpace, config.diskReserveBytes(), events::fatal);
    var compactor = new Compactor(config.autoCompaction(), replica, store, duty, clock);
    return new Group(
        log,
        store,
        storeDirectory,
        transport,
        replica,
        threads,
        spaceWatch,
        watches,
        duty,
        leaseClient,
        leases,
        compactor,
        defragmentation,
        events,
        measures);
  }

  /** The store may grow until only the reserve is left of the disk. */
  private static long room(Store store, DataDirectory directory, NodeConfig config) {
    try {
      long free = directory.disk().getUsableSpace() - config.diskReserveBytes();
      return store.sizeOnDisk() + Math.max(0, free);
    } catch (IOException e) {
      return -1;
    }
  }

  static Store openStore(FileStoreDirectory directory, NodeConfig config) {
    return Store.open(
        directory, StoreConfig.sized(config.storeCacheBytes(), config.storeMemtableBytes()));
  }

  static DurableLog openLog(DataDirectory directory, NodeConfig config) {
    return DurableLog.open(new FileDisk(directory.raft()), logConfig(config));
  }

  void start(Identity identity) {
    if (store.cluster().members().isEmpty()) {
      var seeds = new HashMap<Long, PeerAddress>();
      identity.seeds().forEach((member, url) -> seeds.put(member, PeerAddress.parse(url)));
      transport.addresses(seeds);
    } else {
      transport.members(store.cluster());
    }
    spaceWatch.start();
    watches.start(events::fatal);
    threads.start();
    duty.every(LeaseDesk.PERIOD, leases::step);
    duty.every(LeaseDesk.PERIOD, compactor::step);
  }

  Store store() {
    return store;
  }

  LeaseDesk leases() {
    return leases;
  }

  Defragmentation defragmentation() {
    return defragmentation;
  }

  Watches watches() {
    return watches;
  }

  Measures measures() {
    return measures;
  }

  RaftReplica replica() {
    return replica;
  }

  DurableLog log() {
    return log;
  }

  FileStoreDirectory storeDirectory() {
    return storeDirectory;
  }

  /** Whether the identity on disk belongs to a member that was removed. */
  boolean removed(Identity identity) {
    return store.cluster().removed().contains(identity.memberId());
  }

  @Override
  public void close() {
    spaceWatch.close();
    defragmentation.close();
    leases.close();
    try {
      threads.stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    duty.execute(leaseClient::close);
    duty.close();
    transport.close();
    watches.close();
    try {
      store.flush();
    } catch (NoSpaceException e) {
      LOG.warnf("disk full: what the store could not write is taken from the log again (%s)", e);
    }
    store.close();
    log.close();
  }
}
