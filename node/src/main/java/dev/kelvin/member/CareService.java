package dev.kelvin.member;

import dev.kelvin.peer.PeerAddress;
import dev.kelvin.proto.care.AddRequest;
import dev.kelvin.proto.care.BootstrapRequest;
import dev.kelvin.proto.care.CareGrpc;
import dev.kelvin.proto.care.JoinRequest;
import dev.kelvin.proto.care.LeaveRequest;
import dev.kelvin.proto.care.LogLevelRequest;
import dev.kelvin.proto.care.LogLevelResponse;
import dev.kelvin.proto.care.MembersResponse;
import dev.kelvin.proto.care.PromoteRequest;
import dev.kelvin.proto.care.RecoverRequest;
import dev.kelvin.proto.care.RemoveRequest;
import dev.kelvin.proto.care.Routing;
import dev.kelvin.proto.care.SetAsideRequest;
import dev.kelvin.proto.care.Snapshot;
import dev.kelvin.proto.care.StatusRequest;
import dev.kelvin.proto.care.StatusResponse;
import dev.kelvin.proto.care.TransferRequest;
import dev.kelvin.proto.care.TransferResponse;
import dev.kelvin.proto.care.UpdateRequest;
import dev.kelvin.store.ClusterState;
import dev.kelvin.store.Member;
import dev.kelvin.store.MemberChange;
import dev.kelvin.store.Restoration;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Cluster care on the peer port. What changes this node itself runs on a thread of its own, one
 * call at a time; the rest is handed on.
 */
final class CareService extends CareGrpc.CareImplBase {
  private static final Logger LOG = Logger.getLogger("kelvin.member");

  /** What this node can be told to do with itself. Each throws {@link Refused}, and may block. */
  interface Life {
    /**
     * @param from snapshot file to found it of, in the background
     */
    void bootstrap(long clusterId, long incarnation, Optional<Restoration> from);

    /**
     * @param incarnation the call is meant for; 0 for any
     */
    void join(List<PeerAddress> members, long incarnation);

    void leave();

    void setAside(long member);

    void recover(long member, long clusterId, long newClusterId);
  }

  /** Carries a refusal to whoever asked. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Refusal refusal;

    Refused(Refusal refusal) {
      super(refusal.text());
      this.refusal = refusal;
    }

    Refusal refusal() {
      return refusal;
    }
  }

  private final Supplier<StatusResponse> status;
  private final Supplier<ClusterState> cluster;
  private final Reconfiguration changes;
  private final Life life;
  private final Executor thread;

  CareService(
      Supplier<StatusResponse> status,
      Supplier<ClusterState> cluster,
      Reconfiguration changes,
      Life life,
      Executor thread) {
    this.status = status;
    this.cluster = cluster;
    this.changes = changes;
    this.life = life;
    this.thread = thread;
  }

  @Override
  public void status(StatusRequest request, StreamObserver<StatusResponse> answer) {
    give(answer, status.get());
  }

  @Override
  public void logLevel(LogLevelRequest request, StreamObserver<LogLevelResponse> answer) {
    if (!request.getLevel().isEmpty() && !LogLevel.set(request.getLevel())) {
      refuse(
          answer,
          Refusal.invalid(
              "log level %s: must be error, warn, info, debug or trace"
                  .formatted(request.getLevel())));
      return;
    }
    give(answer, LogLevelResponse.newBuilder().setLevel(LogLevel.now()).build());
  }

  @Override
  public void bootstrap(BootstrapRequest request, StreamObserver<StatusResponse> answer) {
    live(
        answer,
        () ->
            life.bootstrap(
                request.getClusterId(),
                request.getIncarnation(),
                request.hasSnapshot()
                    ? Optional.of(restoration(request.getSnapshot()))
                    : Optional.empty()));
  }

  private static Restoration restoration(Snapshot said) {
    try {
      return new Restoration(
          Path.of(said.getPath()), said.getBumpRevision(), said.getMarkCompacted());
    } catch (IllegalArgumentException e) {
      throw new Refused(Refusal.invalid(e.getMessage()));
    }
  }

  @Override
  public void join(JoinRequest request, StreamObserver<StatusResponse> answer) {
    live(
        answer,
        () ->
            life.join(
                request.getMembersList().stream().map(CareService::address).toList(),
                request.getIncarnation()));
  }

  private static PeerAddress address(String said) {
    try {
      return PeerAddress.parse(said);
    } catch (IllegalArgumentException e) {
      throw new Refused(Refusal.invalid(e.getMessage()));
    }
  }

  @Override
  public void leave(LeaveRequest request, StreamObserver<StatusResponse> answer) {
    live(answer, life::leave);
  }

  @Override
  public void setAside(SetAsideRequest request, StreamObserver<StatusResponse> answer) {
    live(answer, () -> life.setAside(request.getMemberId()));
  }

  @Override
  public void recover(RecoverRequest request, StreamObserver<StatusResponse> answer) {
    live(
        answer,
        () ->
            life.recover(request.getMemberId(), request.getClusterId(), request.getNewClusterId()));
  }

  private void live(StreamObserver<StatusResponse> answer, Runnable step) {
    try {
      thread.execute(() -> carryOut(answer, step));
    } catch (RejectedExecutionException e) {
      refuse(answer, Refusal.TOO_MANY_REQUESTS);
    }
  }

  private void carryOut(StreamObserver<StatusResponse> answer, Runnable step) {
    try {
      step.run();
      give(answer, status.get());
    } catch (Refused e) {
      refuse(answer, e.refusal());
    } catch (RuntimeException e) {
      LOG.error("cluster care failed", e);
      answer.onError(Status.INTERNAL.withDescription("kelvin: " + e).asException());
    }
  }

  @Override
  public void promote(PromoteRequest request, StreamObserver<MembersResponse> answer) {
    long id = request.getMemberId();
    change(
        request.getRouting(),
        new MemberChange.Promote(id),
        answer,
        members -> members.member(id).filter(m -> !m.learner()));
  }

  @Override
  public void remove(RemoveRequest request, StreamObserver<MembersResponse> answer) {
    long id = request.getMemberId();
    change(
        request.getRouting(),
        new MemberChange.Remove(id),
        answer,
        members ->
            members.removed().contains(id)
                ? Optional.of(new Member(id, "", List.of(), List.of(), false, 0, 0))
                : Optional.empty());
  }

  @Override
  public void add(AddRequest request, StreamObserver<MembersResponse> answer) {
    var urls = request.getPeerUrlsList();
    if (!PeerUrls.valid(urls)) {
      refuse(answer, Refusal.BAD_URLS);
      return;
    }
    long id = request.getMemberId() == 0 ? Ids.random() : request.getMemberId();
    change(
        request.getRouting(),
        PeerUrls.add(id, urls, request.getLearner()),
        answer,
        members ->
            members.members().stream()
                .filter(m -> m.incarnation() == 0 && m.peerUrls().equals(urls))
                .filter(m -> m.learner() == request.getLearner())
                .findFirst());
  }

  @Override
  public void update(UpdateRequest request, StreamObserver<MembersResponse> answer) {
    if (!PeerUrls.valid(request.getPeerUrlsList())) {
      refuse(answer, Refusal.BAD_URLS);
      return;
    }
    change(
        request.getRouting(),
        new MemberChange.Update(request.getMemberId(), request.getPeerUrlsList()),
        answer,
        members -> Optional.empty());
  }

  /** Finds, after a refusal, whether the change was made before: then a repeat asked for it. */
  private interface Repeat {
    Optional<Member> made(ClusterState cluster);
  }

  private void change(
      Routing routing, MemberChange change, StreamObserver<MembersResponse> answer, Repeat repeat) {
    if (otherCluster(routing, answer)) {
      return;
    }
    var outcome =
        new MemberChanges.Answer() {
          @Override
          public void done(Member member, List<Member> members) {
            give(answer, CareMessages.members(cluster.get().id(), member, members));
          }

          @Override
          public void refused(Refusal refusal) {
            var now = cluster.get();
            // What another node passed on is its client's business, which may not be a repeat.
            var made = routing.getForwarded() ? Optional.<Member>empty() : repeat.made(now);
            if (made.isPresent()) {
              done(made.get(), now.members());
            } else {
              refuse(answer, refusal);
            }
          }
        };
    if (routing.getForwarded()) {
      changes.changeAsLeader(change, outcome);
    } else {
      changes.change(change, outcome);
    }
  }

  @Override
  public void transfer(TransferRequest request, StreamObserver<TransferResponse> answer) {
    if (otherCluster(request.getRouting(), answer)) {
      return;
    }
    Consumer<Refusal> outcome =
        refusal -> {
          if (refusal != null) {
            refuse(answer, refusal);
          } else {
            var now = status.get();
            give(
                answer,
                TransferResponse.newBuilder()
                    .setLeader(now.getLeader())
                    .setTerm(now.getTerm())
                    .build());
          }
        };
    if (request.getRouting().getForwarded()) {
      changes.transferAsLeader(request.getTo(), outcome);
    } else {
      changes.transfer(request.getTo(), outcome);
    }
  }

  private boolean otherCluster(Routing routing, StreamObserver<?> answer) {
    long mine = status.get().getClusterId();
    boolean other = routing.getClusterId() != 0 && routing.getClusterId() != mine;
    if (other) {
      refuse(
          answer,
          Refusal.notNow(
              "this is cluster %016x, not %016x".formatted(mine, routing.getClusterId())));
    }
    return other;
  }

  private static <T> void give(StreamObserver<T> answer, T response) {
    answer.onNext(response);
    answer.onCompleted();
  }

  private static void refuse(StreamObserver<?> answer, Refusal refusal) {
    answer.onError(
        Status.fromCodeValue(refusal.code()).withDescription(refusal.text()).asException());
  }
}
