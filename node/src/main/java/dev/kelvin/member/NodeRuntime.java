package dev.kelvin.member;

import dev.kelvin.peer.PeerAddress;
import dev.kelvin.peer.PeerMeters;
import dev.kelvin.proto.care.StatusResponse;
import dev.kelvin.proto.peer.JoinRequest;
import dev.kelvin.proto.peer.JoinResponse;
import dev.kelvin.replica.Replica;
import dev.kelvin.store.ClusterState;
import dev.kelvin.store.Member;
import dev.kelvin.store.Reader;
import dev.kelvin.watch.Watches;
import io.grpc.Status;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * A node's life: what it finds on its disk, how it becomes a member, and that it stays one or stops
 * being one. An empty disk founds nothing unless told to, by {@link NodeConfig#bootstrap} or by
 * cluster care.
 */
public final class NodeRuntime implements Node, AutoCloseable {
  private static final Logger LOG = Logger.getLogger("kelvin.member");
  static final long MILLIS_PER_TICK = 10;

  /** Calls to change this node that may wait. */
  private static final int MAX_CARE = 32;

  private final NodeConfig config;
  private final Consumer<Throwable> fatal;
  private final DataDirectory directory;
  private final NodeLog nodeLog;
  private final EventLoopGroup loops =
      new NioEventLoopGroup(1, new DefaultThreadFactory("kelvin-peer", true));

  /** What changes this node itself: one step at a time, each may block. */
  private final ExecutorService care =
      new ThreadPoolExecutor(
          1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MAX_CARE), daemon("kelvin-care"));

  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(daemon("kelvin-care-timer"));
  private final CareClient others = new CareClient(loops);
  private final Reconfiguration changes = new Reconfiguration(this::running, others, timer);
  private final Invitations invitations = new Invitations(this::cluster, others, timer);
  private final LeaderAddresses leaders = new LeaderAddresses(this::leading, this::cluster, others);
  private final PeerMeters peerMeters = new PeerMeters();
  private final Restorer restorer;
  private final PeerPort peerPort;
  private volatile Identity identity;
  private volatile Group group;
  private volatile Joiner joiner;
  private volatile boolean stopping;
  private volatile Standing standing = new Standing(null, State.LEARNER);
  private volatile SelfCare selfCare;
  private SpaceCare spaceCare;

  /** What this member is, as of one state of the cluster. */
  private record Standing(ClusterState cluster, State state) {}

  private static ThreadFactory daemon(String name) {
    return Thread.ofPlatform().name(name).daemon().factory();
  }

  /**
   * Starts a node: returns once it serves or waits.
   *
   * @param fatal told when the node cannot go on; must end the process
   * @throws StartException with words for the person who started it
   */
  public static NodeRuntime start(NodeConfig config, Consumer<Throwable> fatal) {
    var directory = DataDirectory.open(config.dataDirectory());
    NodeRuntime node = null;
    try {
      node = new NodeRuntime(config, directory, fatal);
      node.begin();
      return node;
    } catch (RuntimeException e) {
      if (node == null) {
        directory.close();
      } else {
        node.close();
      }
      throw e;
    }
  }

  private NodeRuntime(NodeConfig config, DataDirectory directory, Consumer<Throwable> fatal) {
    this.config = config;
    this.directory = directory;
    this.fatal = fatal;
    this.identity = directory.identity();
    this.restorer = new Restorer(this, directory, config);
    this.nodeLog = new NodeLog(config.name(), this::cluster, this::memberId, this::clusterChanged);
    if (config.bootstrap() && identity.isMember()) {
      throw new StartException(
          "--bootstrap refused: %s already holds member %016x of cluster %016x; to restart it, leave --bootstrap away"
              .formatted(config.dataDirectory(), identity.memberId(), identity.clusterId()));
    }
    var service =
        new CareService(
            new CareStatus(this, directory, config)::status,
            this::cluster,
            changes,
            new NodeCare(this, others),
            care);
    this.peerPort =
        new PeerPort(
            config.listenPeer(),
            loops,
            new PeerPort.Hooks(
                new Admission(this::identity, this::cluster),
                () -> group == null ? null : group.replica(),
                () -> group.storeDirectory().fresh(),
                path -> group.storeDirectory().discard(path),
                new JoinDoor(this::replica)::join,
                service,
                new LeaseDoor(() -> group),
                peerMeters));
  }

  private void begin() {
    LOG.infof(
        "%s: peers on %s, data in %s, incarnation %016x",
        config.name(), config.listenPeer(), directory.path(), identity.incarnation());
    if (identity.removed()) {
      sayRemoved();
    } else if (identity.isMember()) {
      LOG.infof(
          "found on disk: member %016x of cluster %016x",
          identity.memberId(), identity.clusterId());
      if (!config.join().isEmpty()) {
        LOG.info("--join is not needed any more: this node is a member already");
      }
      if (identity.recovering() != 0) {
        completeRecovery();
      }
      run();
    } else if (config.bootstrap()) {
      config
          .restoration()
          .ifPresentOrElse(from -> restorer.restore(Ids.random(), from), () -> found(Ids.random()));
    } else if (!config.join().isEmpty()) {
      LOG.infof("found an empty disk; asking to join at %s", config.join());
      ask(config.join());
    } else {
      sayWaiting("found an empty disk");
    }
  }

  private void sayWaiting(String why) {
    LOG.infof(
        "%s; waiting to be told what to do: start with --bootstrap to found a cluster, or with --join ADDRESS to join one",
        why);
  }

  private void sayRemoved() {
    LOG.errorf(
        "member %016x was removed from cluster %016x: its data in %s are of no further use. To come back as a new member, have them set aside (kelvin care set-aside) or empty the directory, then join",
        identity.memberId(), identity.clusterId(), directory.path());
  }

  synchronized void found(long clusterId) {
    var self = founder();
    LOG.infof("founding cluster %016x as member %016x", clusterId, self.id());
    directory.clear(identity.incarnation());
    Group.found(directory, config, clusterId, self);
    founded(clusterId, self);
  }

  /** The data of a cluster with this one member are on the disk, and become this node's. */
  synchronized void founded(long clusterId, Member self) {
    if (!stopping) {
      become(Identity.founder(identity.incarnation(), clusterId, self.id()));
      run();
    }
  }

  /** This node as the first member of a cluster. */
  Member founder() {
    return new Member(
        Ids.random(),
        config.name(),
        config.peerUrls(),
        config.clientUrls(),
        false,
        identity.incarnation(),
        SelfCare.FORMAT);
  }

  /** Begins to ask members to let this node in. */
  synchronized void ask(List<PeerAddress> members) {
    joiner = new Joiner(members, joinRequest(), this::joined);
    joiner.start(fatal);
  }

  private JoinRequest joinRequest() {
    return JoinRequest.newBuilder()
        .setIncarnation(identity.incarnation())
        .setName(config.name())
        .addAllPeerUrls(config.peerUrls())
        .addAllClientUrls(config.clientUrls())
        .setFormat(SelfCare.FORMAT)
        .build();
  }

  private void joined(JoinResponse response) {
    LOG.infof(
        "let in as member %016x of cluster %016x", response.getMemberId(), response.getClusterId());
    Map<Long, String> seeds = new TreeMap<>();
    for (var member : response.getMembersList()) {
      if (member.getPeerUrlsCount() > 0) {
        seeds.put(member.getId(), member.getPeerUrls(0));
      }
    }
    synchronized (this) {
      if (stopping) {
        return;
      }
      directory.clear(identity.incarnation());
      Group.follow(directory, config);
      become(
          new Identity(
              identity.incarnation(),
              response.getClusterId(),
              response.getMemberId(),
              response.getPromote(),
              false,
              0,
              seeds));
      joiner = null;
      run();
    }
  }

  private void become(Identity next) {
    directory.save(next);
    identity = next;
  }

  private synchronized void run() {
    var opened =
        Group.open(
            directory,
            config,
            identity,
            loops,
            this::unreachable,
            peerMeters,
            nodeLog.events(fatal));
    LOG.infof(
        "log holds entries %d to %d, store has applied %d (revision %d)",
        opened.log().firstIndex(),
        opened.log().lastIndex(),
        opened.store().applied().index(),
        opened.store().revision());
    if (opened.removed(identity)) {
      opened.close();
      become(identity.asRemoved());
      sayRemoved();
      return;
    }
    group = opened;
    opened.start(identity);
    selfCare = new SelfCare(this, config, opened.replica(), changes);
    selfCare.start();
    spaceCare =
        new SpaceCare(
            opened.replica()::status,
            opened.replica().space()::isShort,
            this::askForSpace,
            changes::transferAsLeader);
    spaceCare.start(timer);
  }

  private void askForSpace(long member, Consumer<Optional<Boolean>> answer) {
    cluster()
        .member(member)
        .ifPresentOrElse(
            m -> others.status(m, said -> answer.accept(said.map(StatusResponse::getShortOfSpace))),
            () -> answer.accept(Optional.empty()));
  }

  private void unreachable(long member, Status why) {
    nodeLog.unreachable(
        member, why.getDescription() == null ? why.getCode().toString() : why.getDescription());
    var running = group;
    if (running == null) {
      return;
    }
    running.replica().unreachable(member);
    if (why.getCode() == Status.Code.PERMISSION_DENIED) {
      later(this::removed);
    }
  }

  /**
   * On the applying thread. A leader may be the only one that knows of its removal, and those left
   * may need its vote once more to learn it: so it stays for an election or two, unless one of them
   * says that it knows ({@link #unreachable}).
   */
  private void clusterChanged(ClusterState now) {
    if (now.removed().contains(memberId())) {
      timer.schedule(
          () -> later(this::removed),
          3 * config.electionTicks() * MILLIS_PER_TICK,
          TimeUnit.MILLISECONDS);
    }
  }

  private void later(Runnable step) {
    try {
      care.execute(step);
    } catch (RejectedExecutionException e) {
      LOG.debug("busy or stopping: the others say it again");
    }
  }

  /** The cluster goes on without this node. */
  synchronized void removed() {
    if (group == null || stopping) {
      return;
    }
    become(identity.asRemoved());
    stopGroup();
    sayRemoved();
  }

  private void stopGroup() {
    selfCare.close();
    spaceCare.close();
    var old = group;
    group = null;
    old.close();
  }

  /** Makes room for a new identity; only after {@link #removed}. */
  synchronized void setAside() {
    var aside = directory.setAside(identity);
    identity = directory.identity();
    LOG.infof("set the removed member's data aside in %s", aside);
    sayWaiting("empty disk with incarnation %016x".formatted(identity.incarnation()));
  }

  /** Goes on alone as another cluster. What was decided here is carried through after a crash. */
  synchronized void recover(long newClusterId) {
    LOG.warnf(
        "recovering: cluster %016x goes on as %016x with this member, %016x, alone",
        identity.clusterId(), newClusterId, identity.memberId());
    become(identity.recoveringTo(newClusterId));
    stopGroup();
    completeRecovery();
    run();
  }

  private void completeRecovery() {
    ClusterRecovery.complete(directory, config, identity);
    become(identity.recovered());
    LOG.warnf("recovered as cluster %016x", identity.clusterId());
  }

  /** A step that was begun and cannot be ended: only a restart can go on from here. */
  void die(RuntimeException cause) {
    LOG.fatalf(cause, "%s cannot go on: %s", config.name(), cause.getMessage());
    fatal.accept(cause);
  }

  private Reconfiguration.Running running() {
    var now = group;
    return now == null
        ? null
        : new Reconfiguration.Running(
            now.replica(), now.store().cluster(), config.electionTicks() * MILLIS_PER_TICK);
  }

  @Override
  public MemberChanges changes() {
    return changes;
  }

  @Override
  public State state() {
    if (stopping) {
      return State.STOPPING;
    }
    var running = group;
    if (running == null) {
      var now = identity;
      return now.removed() ? State.REMOVED : now.isMember() ? State.STARTING : State.WAITING;
    }
    // Asked for every request: worked out once per change of the cluster.
    var now = running.store().cluster();
    var known = standing;
    if (known.cluster != now) {
      boolean voter = now.member(memberId()).filter(m -> !m.learner()).isPresent();
      boolean removed = now.removed().contains(memberId());
      known = new Standing(now, voter ? State.VOTER : removed ? State.REMOVED : State.LEARNER);
      standing = known;
    }
    return known.state;
  }

  @Override
  public void invite(String name, String address, Consumer<Optional<Refusal>> answer) {
    invitations.invite(name, address, answer);
  }

  @Override
  public void leader(Consumer<Optional<Leader>> answer) {
    leaders.ask(answer);
  }

  private LeaderAddresses.Standing leading() {
    var running = group;
    if (running == null) {
      return new LeaderAddresses.Standing(0, 0);
    }
    var status = running.replica().status();
    return new LeaderAddresses.Standing(status.leader(), status.term());
  }

  @Override
  public String name() {
    return config.name();
  }

  @Override
  public String version() {
    return config.version();
  }

  @Override
  public long memberId() {
    return identity.memberId();
  }

  @Override
  public long clusterId() {
    return identity.clusterId();
  }

  @Override
  public long incarnation() {
    return identity.incarnation();
  }

  Identity identity() {
    return identity;
  }

  /** Whether it asks members to be let in. */
  boolean joining() {
    return joiner != null;
  }

  /** What the member that was asked last answered; empty if this node does not join. */
  String joinRefusal() {
    var now = joiner;
    return now == null ? "" : now.refusal();
  }

  /** Founds clusters of snapshot files when cluster care asks for it. */
  Restorer restorer() {
    return restorer;
  }

  /** Null while there is no replica. */
  Group group() {
    return group;
  }

  @Override
  public Replica replica() {
    var running = group;
    return running == null ? null : running.replica();
  }

  @Override
  public Reader reader() {
    var running = group;
    return running == null ? null : running.store();
  }

  @Override
  public Watches watches() {
    var running = group;
    return running == null ? null : running.watches();
  }

  @Override
  public Measures measures() {
    var running = group;
    return running == null ? null : running.measures();
  }

  @Override
  public PeerMeters peerMeters() {
    return peerMeters;
  }

  @Override
  public LeaseTimes leaseTimes() {
    var running = group;
    return running == null ? null : running.leases();
  }

  @Override
  public void defragment() {
    var running = group;
    if (running != null) {
      running.defragmentation().begin();
    }
  }

  @Override
  public ClusterState cluster() {
    var running = group;
    return running == null ? ClusterState.EMPTY : running.store().cluster();
  }

  @Override
  public long leaderSilenceMillis() {
    var running = group;
    if (running == null) {
      return -1;
    }
    long ticks = running.replica().leaderSilenceTicks();
    return ticks < 0 ? -1 : ticks * MILLIS_PER_TICK;
  }

  @Override
  public long caughtUpAgoMillis() {
    var running = group;
    var care = selfCare;
    return running == null || care == null ? -1 : care.caughtUpAgoMillis();
  }

  /**
   * Hands leadership to the voter that is best suited, if this node leads; returns when that is
   * done or has taken an election timeout. Until then, and after, this node serves.
   */
  public void handOver() {
    changes.handOver();
  }

  /** Stops serving, ends every waiting request, makes what was applied durable. */
  @Override
  public void close() {
    synchronized (this) {
      if (stopping) {
        return;
      }
      stopping = true;
      if (joiner != null) {
        joiner.close();
      }
      peerPort.close();
      if (group != null) {
        selfCare.close();
        spaceCare.close();
        // Stays visible to readers: they are told that it stops.
        group.close();
      }
    }
    care.shutdown();
    timer.shutdownNow();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    directory.close();
    LOG.infof("%s: stopped", config.name());
  }
}
