package dev.kelvin.member;

import dev.kelvin.peer.PeerIdentity;
import dev.kelvin.proto.peer.JoinRequest;
import dev.kelvin.proto.peer.JoinResponse;
import dev.kelvin.replica.Replica;
import dev.kelvin.store.ClusterState;
import dev.kelvin.store.CommandKind;
import dev.kelvin.store.Member;
import dev.kelvin.store.MemberChange;
import dev.kelvin.store.MemberChangeCodec;
import dev.kelvin.store.Outcome;
import dev.kelvin.store.Reader;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * A node's life: what it finds on its disk, how it becomes a member, and that it stays one. An
 * empty disk founds nothing unless told to by {@link NodeConfig#bootstrap}.
 */
public final class NodeRuntime implements Node, AutoCloseable {
  private static final Logger LOG = Logger.getLogger("kelvin.member");
  private static final long MILLIS_PER_TICK = 10;

  private final NodeConfig config;
  private final Consumer<Throwable> fatal;
  private final DataDirectory directory;
  private final NodeLog nodeLog;
  private final EventLoopGroup loops =
      new NioEventLoopGroup(1, new DefaultThreadFactory("kelvin-peer", true));
  private final PeerPort peerPort;
  private volatile Identity identity;
  private volatile Group group;
  private volatile boolean removed;
  private volatile boolean stopping;
  private volatile Standing standing = new Standing(null, State.LEARNER);
  private SelfCare selfCare;
  private Joiner joiner;

  /** What this member is, as of one state of the cluster. */
  private record Standing(ClusterState cluster, State state) {}

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
    this.nodeLog = new NodeLog(config.name(), this::cluster, this::memberId);
    if (config.bootstrap() && identity.isMember()) {
      throw new StartException(
          "--bootstrap refused: %s already holds member %016x of cluster %016x; to restart it, leave --bootstrap away"
              .formatted(config.dataDirectory(), identity.memberId(), identity.clusterId()));
    }
    this.peerPort =
        new PeerPort(
            config.listenPeer(),
            loops,
            new PeerPort.Hooks(
                this::refuse,
                () -> group == null ? null : group.replica(),
                () -> group.storeDirectory().fresh(),
                path -> group.storeDirectory().discard(path),
                this::join));
  }

  private void begin() {
    LOG.infof(
        "%s: peers on %s, data in %s, incarnation %016x",
        config.name(), config.listenPeer(), directory.path(), identity.incarnation());
    if (identity.isMember()) {
      LOG.infof(
          "found on disk: member %016x of cluster %016x",
          identity.memberId(), identity.clusterId());
      if (!config.join().isEmpty()) {
        LOG.info("--join is not needed any more: this node is a member already");
      }
      run();
    } else if (config.bootstrap()) {
      found();
    } else if (!config.join().isEmpty()) {
      LOG.infof("found an empty disk; asking to join at %s", config.join());
      joiner = new Joiner(config.join(), joinRequest(), this::joined);
      joiner.start(fatal);
    } else {
      LOG.info(
          "found an empty disk; waiting to be told what to do: start with --bootstrap to found a cluster, or with --join ADDRESS to join one");
    }
  }

  private void found() {
    long clusterId = DataDirectory.random();
    long memberId = DataDirectory.random();
    LOG.infof("founding cluster %016x as member %016x", clusterId, memberId);
    var self =
        new Member(
            memberId,
            config.name(),
            config.peerUrls(),
            config.clientUrls(),
            false,
            identity.incarnation(),
            SelfCare.FORMAT);
    directory.clear();
    Group.found(directory, config, clusterId, self);
    become(new Identity(identity.incarnation(), clusterId, memberId, false, Map.of()));
    run();
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
      directory.clear();
      Group.follow(directory, config);
      become(
          new Identity(
              identity.incarnation(),
              response.getClusterId(),
              response.getMemberId(),
              true,
              seeds));
      run();
    }
  }

  private void become(Identity next) {
    directory.save(next);
    identity = next;
  }

  private synchronized void run() {
    var opened =
        Group.open(directory, config, identity, loops, this::unreachable, nodeLog.events(fatal));
    LOG.infof(
        "log holds entries %d to %d, store has applied %d (revision %d)",
        opened.log().firstIndex(),
        opened.log().lastIndex(),
        opened.store().applied().index(),
        opened.store().revision());
    if (opened.removed(identity)) {
      LOG.errorf(
          "member %016x was removed from cluster %016x: its data are of no further use. Move %s away and start with --join to come back as a new member",
          identity.memberId(), identity.clusterId(), directory.path());
      opened.close();
      removed = true;
      return;
    }
    group = opened;
    opened.start(identity);
    selfCare = new SelfCare(this, config, opened.replica());
    selfCare.start();
  }

  private void unreachable(long member, String why) {
    nodeLog.unreachable(member, why);
    var running = group;
    if (running != null) {
      running.replica().unreachable(member);
    }
  }

  private Optional<String> refuse(PeerIdentity remote, long to) {
    if (!identity.isMember()) {
      return Optional.of("this node is not a member of any cluster");
    }
    if (remote.clusterId() != identity.clusterId()) {
      return Optional.of(
          "this is cluster %016x, not %016x".formatted(identity.clusterId(), remote.clusterId()));
    }
    if (to != identity.memberId()) {
      return Optional.of("this is member %016x, not %016x".formatted(identity.memberId(), to));
    }
    if (cluster().removed().contains(remote.member())) {
      return Optional.of("member %016x was removed".formatted(remote.member()));
    }
    return cluster()
        .member(remote.member())
        .filter(m -> m.incarnation() != 0 && m.incarnation() != remote.incarnation())
        .map(m -> "member %016x is another data directory's identity".formatted(remote.member()));
  }

  private void join(JoinRequest request, StreamObserver<JoinResponse> answer) {
    var running = group;
    if (running == null) {
      PeerPort.refuse(answer, Status.UNAVAILABLE, "this node is not a member itself");
      return;
    }
    if (request.getIncarnation() == 0 || request.getPeerUrlsCount() == 0) {
      PeerPort.refuse(
          answer,
          Status.INVALID_ARGUMENT,
          "a node that joins must say its incarnation and address");
      return;
    }
    var member =
        new Member(
            DataDirectory.random(),
            request.getName(),
            request.getPeerUrlsList(),
            request.getClientUrlsList(),
            true,
            request.getIncarnation(),
            request.getFormat());
    LOG.infof("%s asks to join from %s", request.getName(), request.getPeerUrlsList());
    running
        .replica()
        .propose(
            CommandKind.MEMBER,
            MemberChangeCodec.encode(new MemberChange.Add(member)),
            Runnable::run,
            new JoinAnswer(answer));
  }

  /** Carries the outcome of a join's proposal to whoever asked. */
  private static final class JoinAnswer implements Replica.Completion {
    private final StreamObserver<JoinResponse> answer;

    JoinAnswer(StreamObserver<JoinResponse> answer) {
      this.answer = answer;
    }

    @Override
    public void done(Outcome outcome) {
      switch (outcome) {
        case Outcome.MemberDone(var member, var cluster) -> {
          answer.onNext(
              JoinResponse.newBuilder()
                  .setClusterId(cluster.id())
                  .setMemberId(member.id())
                  .addAllMembers(addresses(cluster.members()))
                  .build());
          answer.onCompleted();
        }
        case Outcome.Failed(var error) ->
            PeerPort.refuse(answer, Status.fromCodeValue(error.code()), error.text());
        default -> throw new IllegalStateException("not the outcome of a join: " + outcome);
      }
    }

    private static List<dev.kelvin.proto.peer.PeerAddress> addresses(List<Member> members) {
      return members.stream()
          .map(
              m ->
                  dev.kelvin.proto.peer.PeerAddress.newBuilder()
                      .setId(m.id())
                      .addAllPeerUrls(m.peerUrls())
                      .build())
          .collect(Collectors.toList());
    }

    @Override
    public void failed(Replica.Failure failure) {
      PeerPort.refuse(answer, Status.UNAVAILABLE, "the cluster did not decide: " + failure);
    }
  }

  @Override
  public State state() {
    if (stopping) {
      return State.STOPPING;
    }
    if (removed) {
      return State.REMOVED;
    }
    var running = group;
    if (running == null) {
      return State.WAITING;
    }
    // Asked for every request: worked out once per change of the cluster.
    var now = running.store().cluster();
    var known = standing;
    if (known.cluster != now) {
      boolean voter = now.member(memberId()).filter(m -> !m.learner()).isPresent();
      known = new Standing(now, voter ? State.VOTER : State.LEARNER);
      standing = known;
    }
    return known.state;
  }

  @Override
  public String name() {
    return config.name();
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

  /** Stops serving, ends every waiting request, makes what was applied durable. */
  @Override
  public synchronized void close() {
    if (stopping) {
      return;
    }
    stopping = true;
    if (joiner != null) {
      joiner.close();
    }
    if (selfCare != null) {
      selfCare.close();
    }
    peerPort.close();
    if (group != null) {
      group.close();
    }
    loops.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS);
    directory.close();
    LOG.infof("%s: stopped", config.name());
  }
}
