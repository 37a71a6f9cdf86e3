package dev.kelvin.member;

import dev.kelvin.peer.PeerAddress;
import dev.kelvin.proto.care.JoinRequest;
import dev.kelvin.proto.care.StatusResponse;
import dev.kelvin.store.ClusterState;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Has nodes that wait join this cluster, from any member: tells such a node whom to ask, and looks
 * until it was let in. What it asks is decided by the log, wherever it asks. A repeat is harmless.
 */
final class Invitations {
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);
  private static final long LOOK_MILLIS = 100;

  private final Supplier<ClusterState> cluster;
  private final CareClient others;
  private final ScheduledExecutorService timer;

  Invitations(Supplier<ClusterState> cluster, CareClient others, ScheduledExecutorService timer) {
    this.cluster = cluster;
    this.others = others;
    this.timer = timer;
  }

  /**
   * As {@link Node#invite}.
   *
   * @param answer gets nothing when the node is a member, learner or voter; by any thread
   */
  void invite(String name, String address, Consumer<Optional<Refusal>> answer) {
    PeerAddress peer;
    try {
      peer = PeerAddress.parse(address);
    } catch (IllegalArgumentException e) {
      answer.accept(Optional.of(Refusal.invalid(e.getMessage())));
      return;
    }
    if (cluster.get().members().isEmpty()) {
      answer.accept(Optional.of(Refusal.notNow("this node is not a member of a cluster")));
      return;
    }
    new Invitation(name, peer, answer).look();
  }

  /** One node's way in. */
  private final class Invitation {
    private final String name;
    private final PeerAddress peer;
    private final Consumer<Optional<Refusal>> answer;
    private final long deadline = System.nanoTime() + PATIENCE;
    private boolean told;

    Invitation(String name, PeerAddress peer, Consumer<Optional<Refusal>> answer) {
      this.name = name;
      this.peer = peer;
      this.answer = answer;
    }

    void look() {
      others.status(peer, said -> said.ifPresentOrElse(this::judge, this::silent));
    }

    private void silent() {
      refuse("no node answers there");
    }

    private void judge(StatusResponse said) {
      if (!said.getName().equals(name)) {
        refuse("the node there is called " + said.getName());
        return;
      }
      switch (said.getState()) {
        case LEARNER, VOTER -> {
          if (said.getClusterId() == cluster.get().id()) {
            answer.accept(Optional.empty());
          } else {
            refuse("it is a member of cluster %016x".formatted(said.getClusterId()));
          }
        }
        case WAITING -> tell(said.getIncarnation());
        case JOINING, STARTING -> again(said.getJoinRefusal());
        default -> refuse("it is in state " + said.getState());
      }
    }

    private void tell(long incarnation) {
      if (told) {
        again("");
        return;
      }
      told = true;
      var request = JoinRequest.newBuilder().setIncarnation(incarnation);
      cluster.get().members().stream()
          .filter(member -> !member.learner())
          .flatMap(member -> member.peerUrls().stream().limit(1))
          .forEach(url -> request.addMembers(PeerAddress.parse(url).toString()));
      others.join(
          peer,
          request.build(),
          refusal -> {
            if (refusal.isPresent()) {
              answer.accept(refusal);
            } else {
              again("");
            }
          });
    }

    private void again(String why) {
      if (System.nanoTime() > deadline) {
        refuse(why.isEmpty() ? "it is not a member yet" : why + "; it goes on asking");
        return;
      }
      try {
        timer.schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException e) {
        answer.accept(Optional.of(Refusal.STOPPED));
      }
    }

    private void refuse(String why) {
      answer.accept(Optional.of(Refusal.notNow(why)));
    }
  }
}
