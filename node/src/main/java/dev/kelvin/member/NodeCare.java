package dev.kelvin.member;

import dev.kelvin.member.CareService.Refused;
import dev.kelvin.peer.PeerAddress;
import dev.kelvin.proto.care.State;
import dev.kelvin.proto.care.StatusResponse;
import dev.kelvin.store.Member;
import dev.kelvin.store.MemberChange;
import dev.kelvin.store.Restoration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Carries out what a node is told to do with itself, if it is harmless. */
final class NodeCare implements CareService.Life {
  private static final long ANSWER_SECONDS = 20;

  private final NodeRuntime node;
  private final CareClient others;

  NodeCare(NodeRuntime node, CareClient others) {
    this.node = node;
    this.others = others;
  }

  @Override
  public void bootstrap(long clusterId, long incarnation, Optional<Restoration> from) {
    if (clusterId == 0 || incarnation == 0) {
      throw refused(Refusal.invalid("bootstrap needs a cluster ID and an incarnation, not 0"));
    }
    var identity = node.identity();
    checkMeant("bootstrap", incarnation, identity);
    if (identity.isMember()) {
      if (identity.clusterId() != clusterId) {
        throw refused(
            Refusal.notNow(
                "this is a member of cluster %016x already".formatted(identity.clusterId())));
      }
    } else if (node.joining()) {
      throw refused(Refusal.notNow("this node was told to join a cluster"));
    } else if (from.isPresent()) {
      node.restorer().begin(clusterId, from.get());
    } else {
      refuseWhileRestoring();
      orDie(() -> node.found(clusterId));
    }
  }

  private void refuseWhileRestoring() {
    if (node.restorer().running()) {
      throw refused(Refusal.notNow("this node is founding a cluster from a snapshot"));
    }
  }

  private static void checkMeant(String call, long incarnation, Identity identity) {
    if (incarnation != identity.incarnation()) {
      throw refused(
          Refusal.notNow(
              "%s is meant for incarnation %016x, this is %016x"
                  .formatted(call, incarnation, identity.incarnation())));
    }
  }

  @Override
  public void join(List<PeerAddress> members, long incarnation) {
    var identity = node.identity();
    if (incarnation != 0) {
      checkMeant("join", incarnation, identity);
    }
    if (members.isEmpty()) {
      throw refused(Refusal.invalid("join needs the peer address of a member"));
    }
    if (node.state() == Node.State.REMOVED) {
      throw refused(
          Refusal.notNow(
              "this holds the data of removed member %016x; have them set aside first"
                  .formatted(identity.memberId())));
    }
    if (!identity.isMember() && !node.joining()) {
      refuseWhileRestoring();
      node.ask(members);
    }
  }

  @Override
  public void leave() {
    var identity = node.identity();
    if (!identity.isMember()) {
      throw refused(Refusal.notNow("this node is not a member of a cluster"));
    }
    if (identity.removed()) {
      return;
    }
    var outcome = new CompletableFuture<Optional<Refusal>>();
    node.changes()
        .change(
            new MemberChange.Remove(identity.memberId()),
            new MemberChanges.Answer() {
              @Override
              public void done(Member member, List<Member> members) {
                outcome.complete(Optional.empty());
              }

              @Override
              public void refused(Refusal refusal) {
                outcome.complete(Optional.of(refusal));
              }
            });
    var refusal = await(outcome);
    if (refusal.isPresent()) {
      throw refused(refusal.get());
    }
    node.removed();
  }

  @Override
  public void setAside(long member) {
    var identity = node.identity();
    if (!identity.isMember()) {
      return;
    }
    if (identity.memberId() != member) {
      throw refused(
          Refusal.notNow("this is member %016x, not %016x".formatted(identity.memberId(), member)));
    }
    if (node.state() != Node.State.REMOVED) {
      throw refused(
          Refusal.notNow("member %016x was not removed from its cluster".formatted(member)));
    }
    orDie(
        () -> {
          node.removed();
          node.setAside();
        });
  }

  @Override
  public void recover(long member, long clusterId, long newClusterId) {
    var identity = node.identity();
    if (newClusterId == 0 || newClusterId == clusterId) {
      throw refused(Refusal.invalid("recover needs a cluster ID that is new"));
    }
    if (identity.memberId() != member || !identity.isMember() || identity.removed()) {
      throw refused(Refusal.notNow("this is not member %016x".formatted(member)));
    }
    if (identity.clusterId() == newClusterId) {
      return;
    }
    if (identity.clusterId() != clusterId) {
      throw refused(
          Refusal.notNow(
              "this is a member of cluster %016x, not %016x"
                  .formatted(identity.clusterId(), clusterId)));
    }
    refuseWhileQuorumAnswers(identity);
    orDie(() -> node.recover(newClusterId));
  }

  private void refuseWhileQuorumAnswers(Identity self) {
    var voters = node.cluster().members().stream().filter(m -> !m.learner()).toList();
    if (voters.stream().noneMatch(m -> m.id() == self.memberId())) {
      throw refused(Refusal.notNow("this member is no voter: it may lack what was acknowledged"));
    }
    var asked =
        voters.stream()
            .filter(m -> m.id() != self.memberId())
            .map(
                m -> {
                  var answer = new CompletableFuture<Optional<StatusResponse>>();
                  others.status(m, answer::complete);
                  return answer.thenApply(s -> s.filter(is -> votes(is, m, self)).isPresent());
                })
            .toList();
    long answering = 1 + asked.stream().filter(NodeCare::await).count();
    if (answering > voters.size() / 2) {
      throw refused(
          Refusal.notNow(
              "%d of %d voters answer, a quorum: nothing to recover from"
                  .formatted(answering, voters.size())));
    }
  }

  private static boolean votes(StatusResponse status, Member member, Identity self) {
    return status.getState() == State.VOTER
        && status.getMemberId() == member.id()
        && status.getClusterId() == self.clusterId();
  }

  private void orDie(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      node.die(e);
      throw e;
    }
  }

  private static <T> T await(CompletableFuture<T> outcome) {
    try {
      return outcome.get(ANSWER_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw refused(Refusal.STOPPED);
    } catch (ExecutionException | TimeoutException e) {
      throw refused(Refusal.TIMEOUT);
    }
  }

  private static Refused refused(Refusal refusal) {
    return new Refused(refusal);
  }
}
